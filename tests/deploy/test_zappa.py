"""``zappa deploy``, ``update``, ``manage``, ``package``, ``rollback`` and ``undeploy`` as they are typed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.wrappers import Request

from serverless.deploy.package import MACHINE
from serverless.deploy.release import Stage
from serverless.deploy.release.ask import manage
from serverless.stack import config as configs
from serverless.stack import names
from serverless.stack.config import StackConfig
from tests.deploy.cloud import Cloud, refusal
from tests.deploy.conftest import PROJECT, ROOT

NEEDED = ("asgiref", "django", "pybase64", "psycopg", "psycopg-binary", "sqlparse", "typing-extensions")
ZAPPA = Path(sys.executable).with_name("zappa")

type Zappa = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project as a developer has it, with the layer beside it."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "serverless", folder / "serverless", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".python-version", folder)  # pyenv's shims answer where one is
    locked = (ROOT / "requirements.txt").read_text()
    pinned = re.findall(r"(?m)^[a-z0-9-]+(?:\[[a-z]+\])?==(?:.*\\\n)+.*\n", locked)
    wanted = [block for block in pinned if re.split(r"[=\[]", block)[0] in NEEDED]
    (folder / "requirements.txt").write_text("".join(wanted))
    settings = json.loads((folder / "zappa_settings.json").read_text())
    settings["test"] |= {"architecture": MACHINE, "runtime": f"python3.{sys.version_info.minor}"}
    settings["other"] = settings["third"] = {"extends": "test"}
    (folder / "zappa_settings.json").write_text(json.dumps(settings))
    with (folder / "pyproject.toml").open("a") as file:
        file.write("[tool.serverless.stack.stages.other]\n")
    return folder


@pytest.fixture
def zappa(cloud: Cloud, checkout: Path) -> Zappa:
    def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ZAPPA, *words], cwd=checkout, env={**os.environ, **environ}, capture_output=True, text=True, timeout=300
        )

    return run


@pytest.fixture(scope="module")
def config(checkout: Path) -> StackConfig:
    return configs.load(checkout / "pyproject.toml", stage="test")


def test_from_the_first_release_to_the_last(
    zappa: Zappa, cloud: Cloud, stage: Stage, checkout: Path, static_folder: Path
) -> None:
    refused = zappa("update", "test", "--json")
    assert refused.returncode == 1
    assert "`zappa deploy test` makes the first release" in refused.stdout + refused.stderr

    done = zappa("deploy", "test", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    first = stage.records.list()[0]
    _serves(stage, first.id)
    assert first.static

    again = zappa("deploy", "test", "--json")
    assert again.returncode == 1
    assert "`zappa update test` releases to it" in again.stdout + again.stderr

    shutil.rmtree(checkout / "build" / "release")
    (checkout / "tiny" / "templates" / "tiny.html").write_text("<p>Tiny is new.</p>")
    done = zappa("update", "test", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    second = stage.records.list()[0]
    assert second.id != first.id
    # Beside the one that serves, not beside what was last made in this folder.
    assert first.size["unpacked"] > 10_000_000
    assert "(+0.0 MB)" in done.stdout
    _serves(stage, second.id)

    said = zappa("manage", "test", "showmigrations tasks")
    assert (said.returncode, "[X] 0001_initial" in said.stdout) == (0, True), said.stdout + said.stderr
    said = zappa("manage", "test", "flush")
    assert said.returncode == 2
    assert "'flush' is not run here" in said.stdout

    stopped = zappa("rollback", "test")
    assert stopped.returncode == 1
    assert "make rollback STAGE=test RELEASE=" in stopped.stdout + stopped.stderr

    with cloud.failing("PUT .*/functions/tiny-test/configuration", refusal(403, "AccessDeniedException")):
        failed = zappa("update", "test", "--json")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "Zappa's update" in failed.stdout + failed.stderr
    assert f"Release {second.id} serves as before" in failed.stdout
    _serves(stage, second.id)

    refused = zappa("undeploy", "test")
    assert refused.returncode == 1
    assert "stack destroy test" in refused.stdout + refused.stderr
    _serves(stage, second.id)

    done = zappa("undeploy", "test", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not any(stage.functions.there(stage.name(which)) for which in names.FUNCTIONS)
    assert stage.records.list() == []
    assert stage.lock().break_open() == ""


def _serves(stage: Stage, release: str) -> None:
    for which in names.FUNCTIONS:
        assert manage(stage, which, names.ALIAS, "check", "--list-tags").release == release
    assert stage.lock().break_open() == ""


@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        (("deploy", "test"), {"AWS_DEFAULT_REGION": "us-west-2"}, "AWS_DEFAULT_REGION is us-west-2"),
        (("undeploy", "test", "--yes"), {"AWS_DEFAULT_REGION": "us-west-2"}, "AWS_DEFAULT_REGION is us-west-2"),
        (("deploy", "test"), dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ""), "no AWS credentials"),
        (("deploy", "test", "--zip", "mine.zip"), {}, "leave --zip"),
        (("deploy", "other"), {}, "There is no stack tiny-other-"),
        (("deploy", "third"), {}, "[tool.serverless.stack.stages.third]"),
        (("manage", "test", "migrate"), {}, "`zappa deploy test` makes one"),
    ],
    ids=["region", "undeploy elsewhere", "credentials", "zip", "no stack", "no stage", "no release"],
)
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], environ: dict[str, str], expected: str, zappa: Zappa, stage: Stage
) -> None:
    nowhere = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    json_too = () if words[0] in {"manage", "undeploy"} else ("--json",)
    done = zappa(*words, *json_too, **nowhere, AWS_EC2_METADATA_DISABLED="true", **environ)
    assert done.returncode == 1, done.stdout + done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not stage.functions.there(stage.name("web"))
    assert stage.lock().break_open() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_mid_upload_leaves_nothing_behind(
    number: signal.Signals, cloud: Cloud, checkout: Path, stage: Stage
) -> None:
    (checkout / "tiny" / "templates" / "tiny.html").write_text(f"<p>Never seen: {number}.</p>")
    running: list[subprocess.Popen[str]] = []

    def interrupt(_: Request) -> None:
        running[0].send_signal(number)
        time.sleep(0.5)

    with cloud.failing("PUT /tiny-test-releases/packages/", interrupt):
        process = subprocess.Popen(
            [ZAPPA, "deploy", "test", "--json"],
            cwd=checkout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "ends at upload: interrupted" in said
    assert "Traceback" not in said
    assert not stage.functions.there(stage.name("web"))
    assert stage.lock().break_open() == ""


def test_a_package_alone(zappa: Zappa, checkout: Path) -> None:
    done = zappa("package", "test", "--output", "tiny.zip", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MB zipped" in done.stdout
    with zipfile.ZipFile(checkout / "tiny.zip") as archive:
        assert any(name.startswith("django/") or name.endswith(".bundle") for name in archive.namelist())
