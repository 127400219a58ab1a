"""The command, on Loupe itself: processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[3]


def manage(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "coldstart", "--runs", "1", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True)


def test_loupe_s_cold_start_as_text_and_as_a_picture(tmp_path: Path) -> None:
    done = manage("--svg", str(tmp_path / "cold.svg"), "--top", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "psycopg < settings" in done.stdout
    assert "more (--top" in done.stdout
    picture = (tmp_path / "cold.svg").read_text()
    assert "app.accounts.models: " in picture
    assert str(tmp_path) in done.stdout


def test_settings_that_fail_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # The command's own process has settings; the one that it starts has others.
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "settings.production")
    monkeypatch.delenv("ORIGIN_SECRETS")
    with pytest.raises(CommandError, match=r"(?s)does not start with these settings.*ORIGIN_SECRETS is not set"):
        call_command("coldstart", runs=1)


def test_settings_that_are_not_there_are_told() -> None:
    assert "No module named 'settings.nope'" in manage(DJANGO_SETTINGS_MODULE="settings.nope").stderr


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    done = manage("--svg", str(tmp_path / "none" / "cold.svg"))
    assert done.returncode == 1
    assert "cannot be written: No such file or directory" in done.stderr


@pytest.mark.parametrize("arguments", [("--runs", "0"), ("--top", "-1"), ("--top", "some")])
def test_counts_are_counts(arguments: tuple[str, ...]) -> None:
    done = manage(*arguments)
    assert done.returncode == 2
    assert "is no number from 1 on" in done.stderr or "expected one argument" in done.stderr
