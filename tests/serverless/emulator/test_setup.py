import asyncio
import os
import time
from pathlib import Path

import pytest

from serverless.emulator import setup
from serverless.emulator.config import Command
from serverless.emulator.exceptions import SetupFailed
from tests.serverless.emulator.support import in_loop

_COMMAND = """
import sys, time
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("seconds", type=float)
        parser.add_argument("--fail", action="store_true")

    def handle(self, *, seconds, fail, **options):
        print("begin", "NAME", flush=True)
        time.sleep(seconds)
        if fail:
            sys.exit("the disk is full")
        print("end", "NAME")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A Django project of three commands, `collectstatic` among them."""
    commands = tmp_path / "steps" / "management" / "commands"
    commands.mkdir(parents=True)
    for name in ("first", "second", "collectstatic"):
        (commands / f"{name}.py").write_text(_COMMAND.replace("NAME", name))
    (tmp_path / "site_settings.py").write_text('SECRET_KEY = "x"\nUSE_TZ = True\nINSTALLED_APPS = ["steps"]\n')
    return tmp_path


async def run(site: Path, *commands: Command, log: list[str] | None = None) -> str:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "site_settings"}
    lines = [] if log is None else log
    return await setup.run(commands, root=site, environ=environ, log=lines.append)


def test_collectstatic_runs_beside_the_others_and_all_output_is_kept_in_order(site: Path) -> None:
    printed = asyncio.run(run(site, ("first", "0"), ("collectstatic", "0"), ("second", "0")))
    assert printed.splitlines() == [
        f"{step} {name}" for name in ("collectstatic", "first", "second") for step in ("begin", "end")
    ]


def test_a_failure_prints_what_was_said_and_stops_the_rest(site: Path) -> None:
    log: list[str] = []

    @in_loop
    async def scenario() -> None:
        started = time.monotonic()
        with pytest.raises(SetupFailed) as caught:
            await run(site, ("first", "0", "--fail"), ("collectstatic", "60"), ("second", "0"), log=log)
        assert time.monotonic() - started < 20
        assert str(caught.value).startswith("`manage.py first 0 --fail` failed with exit code 1")

    scenario()
    assert log == ["begin first\nthe disk is full"]
