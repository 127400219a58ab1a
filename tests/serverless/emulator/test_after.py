import asyncio
import os
from pathlib import Path

import pytest

from serverless.emulator import after
from serverless.emulator.config import Command
from tests.serverless.emulator.support import in_loop, process_state, until

_COMMAND = """
import os, sys, time
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("seconds", type=float)
        parser.add_argument("--fail", action="store_true")

    def handle(self, *, seconds, fail, **options):
        print("pid", os.getpid())
        time.sleep(seconds)
        if fail:
            sys.exit("the disk is full")
        print("x" * 200_000)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A Django project of two commands."""
    commands = tmp_path / "steps" / "management" / "commands"
    commands.mkdir(parents=True)
    for name in ("first", "second"):
        (commands / f"{name}.py").write_text(_COMMAND)
    (tmp_path / "site_settings.py").write_text('SECRET_KEY = "x"\nUSE_TZ = True\nINSTALLED_APPS = ["steps"]\n')
    return tmp_path


async def run(site: Path, *commands: Command, log: list[str]) -> None:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "site_settings"}
    await after.run(commands, root=site, environ=environ, log=log.append)


def pid(log: list[str]) -> int:
    return int(next(line for line in log if " pid " in line).rpartition(" ")[2])


def test_each_line_comes_with_the_commands_name_however_long(site: Path) -> None:
    log: list[str] = []
    asyncio.run(run(site, ("first", "0"), ("second", "0"), log=log))
    assert [line.partition("]")[0] for line in log] == ["[first", "[first", "[second", "[second"]
    assert log[1] == f"[first] {'x' * 200_000}"


def test_lines_come_while_it_runs_and_it_dies_with_its_caller(site: Path) -> None:
    @in_loop
    async def scenario() -> None:
        log, spoken = list[str](), asyncio.Event()

        def heard(line: str) -> None:
            log.append(line)
            spoken.set()

        environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "site_settings"}
        task = asyncio.create_task(after.run([("first", "60")], root=site, environ=environ, log=heard))
        await asyncio.wait_for(spoken.wait(), 20)
        assert process_state(pid(log))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert until(lambda: not process_state(pid(log)))

    scenario()


def test_a_failure_is_said_and_nothing_follows(site: Path) -> None:
    log: list[str] = []
    asyncio.run(run(site, ("first", "0", "--fail"), ("second", "0"), log=log))
    assert log[1:] == [
        "[first] the disk is full",
        "`manage.py first 0 --fail` failed with exit code 1; the cloud goes on without it.",
    ]
