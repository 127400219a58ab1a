"""A stage of the tiny project on moto, and releases of it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import psycopg
import pytest
from moto.awslambda.models import LambdaStorage

from serverless.deploy.release import Release, Stage, Train, begin, open_stage
from serverless.emulator.services.postgres import start_postgres
from serverless.stack import config as configs
from serverless.stack import names
from serverless.stack.config import StackConfig
from tests.deploy.cloud import Cloud
from tests.deploy.lambdas import PASSWORD, publish_version
from tests.deploy.made import make_stage

PROJECT = Path(__file__).parent / "project"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def config() -> StackConfig:
    read = configs.load(PROJECT / "pyproject.toml", stage="test")
    return replace(read, web_concurrency=1, worker_concurrency=2, keep_releases=2, pages=("/", "/blog/*"))


@pytest.fixture(scope="session")
def database_server() -> Iterator[SplitResult]:
    """A PostgreSQL of its own, as its first user: database users belong to the server, and have the names of AWS."""
    state = Path(tempfile.mkdtemp(prefix="serverless-deploy-"))
    state.chmod(0o755)  # PostgreSQL runs as another user when this is root
    for folder in ("logs", "run"):  # which a StateLock makes
        (state / folder).mkdir()
    process, url = asyncio.run(start_postgres(state))
    yield urlsplit(url)
    asyncio.run(process.stop())
    shutil.rmtree(state)


@pytest.fixture(scope="module")
def cloud(config: StackConfig, database_server: SplitResult) -> Iterator[Cloud]:
    """An AWS of its own, with the stacks of the stage ``test``, whose functions use a database of their own."""
    name, server = f"tiny_{uuid.uuid4().hex[:12]}", database_server
    with (
        pytest.MonkeyPatch.context() as patch,
        psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as owner,
    ):
        running = Cloud(database=f"{server.hostname}:{server.port}/{name}")
        patch.setenv("AWS_ENDPOINT_URL", running.url)
        patch.delenv("AWS_DEFAULT_REGION")
        patch.setenv("PYTHONPATH", str(ROOT))  # the layer, which is not installed
        patch.setattr(LambdaStorage, "publish_version", publish_version)
        owner.execute(f'CREATE DATABASE "{name}"')
        for user in names.FUNCTIONS:  # the server asks for passwords, where RDS takes a token
            owner.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
        try:
            make_stage(config, url=running.url, administrator=(server.username or "", server.password or ""))
            yield running
        finally:
            running.stop()
            owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            owner.execute(f"DROP ROLE {', '.join(names.FUNCTIONS)}")


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Hear Ctrl-C, also where the tests run in a shell's background, which has it ignored; so do their children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def said() -> list[str]:
    """What releases told."""
    return []


@pytest.fixture
def stage(cloud: Cloud, config: StackConfig, said: list[str]) -> Stage:
    return open_stage(config, log=said.append)


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``collectstatic`` stages for the tiny project."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT, root, dirs_exist_ok=True)
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"]
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "tiny.settings", "PYTHONPATH": f"{root}:{ROOT}"}
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return root / "build" / "static"


type Zips = Callable[..., Path]


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory, static_folder: Path) -> Zips:
    """Return zips of project and layer, quick to make: packages come from the tests' own environment."""
    folder = tmp_path_factory.mktemp("zips")
    base = folder / "base.zip"
    with zipfile.ZipFile(base, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for root, package in ((PROJECT, "tiny"), (ROOT, "serverless")):
            for path in sorted((root / package).rglob("*")):
                inside = path.relative_to(root)
                if path.is_file() and path.suffix != ".pyc" and inside.parts[1] not in {"emulator", "deploy"}:
                    archive.write(path, inside)
        archive.write(static_folder / "staticfiles.json", "build/static/staticfiles.json")

    def make(name: str, files: Mapping[str, str] | None = None) -> Path:
        """``files`` come in the place of those of the same path."""
        own = {"tiny/variant.py": f"NAME = {name!r}\n", **(files or {})}
        target = folder / f"{name}-{uuid.uuid4().hex[:8]}.zip"
        with (
            zipfile.ZipFile(base) as source,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped,
        ):
            for entry in source.infolist():
                if entry.filename not in own:
                    zipped.writestr(entry, source.read(entry))
            for path, text in own.items():
                zipped.writestr(path, text)
        return target

    return make


def checkout(zipped: Path) -> Path:
    """The project that a zip was made of, as a folder."""
    folder = zipped.with_suffix("")
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith("tiny/")])
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


SETTINGS = {
    "lambda_handler": "serverless.handlers.main.handler",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "django_settings": "tiny.settings",
}


def release(stage: Stage, zipped: Path, static: Path) -> Release:
    """Release a zip as the callbacks do, without Zappa between them."""
    made = begin(stage, checkout(zipped), settings=SETTINGS)

    def package(it: Release) -> None:
        it.zip, it.static_folder = zipped, static

    train = Train(made, what="a test")
    with train.guarded():
        train.prepare(package)
        train.finish()
    return made
