"""Directories and environments for services that a test starts itself, beside those that all tests share."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serverless.emulator.services import Services, start_services

ORIGIN = "http://pages.test"
VARIABLES = ("DATABASE_URL", "CACHE_URL", "AWS_ENDPOINT_URL")

type Start = Callable[[], Services]


@pytest.fixture
def state() -> Iterator[Path]:
    """A state directory that PostgreSQL's user reaches; pytest's own are closed to all but their owner."""
    directory = Path(tempfile.mkdtemp(prefix="serverless-state-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def start(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start all services in ``state`` as often as asked; what still runs at the end is stopped."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable)
    started: list[Services] = []

    def go() -> Services:
        coroutine = start_services(state, buckets=["media"], queues={"default": 60}, origins=[ORIGIN])
        started.append(asyncio.run(coroutine))
        return started[-1]

    yield go
    for services in started:
        asyncio.run(services.stop())


@pytest.fixture
def start_aws(start: Start, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start only S3 and SQS."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere")
    monkeypatch.setenv("CACHE_URL", "redis://elsewhere")
    return start


def pids(state: Path) -> dict[str, int]:
    return {path.stem: int(path.read_text()) for path in (state / "run").glob("*.pid")}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
