"""What Zappa is told, what it may not be told, and how little a project says."""

import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serverless.deploy import hooks
from serverless.deploy.package import ARCHITECTURE, this_python
from serverless.deploy.release import Stage, begin, zappa
from serverless.deploy.release.exceptions import NotPossible
from tests.deploy.conftest import PROJECT

LINES = 10


def test_a_project_of_its_own_needs_ten_lines() -> None:
    own = [PROJECT / "pyproject.toml", PROJECT / "zappa_settings.json"]
    assert sum(bool(line.strip()) for path in own for line in path.read_text().splitlines()) <= LINES


def test_what_a_project_does_not_say_is_said_for_it(stage: Stage) -> None:
    told = zappa.overrides(begin(stage, PROJECT, settings={}))
    off = ("apigateway_enabled", "manage_roles", "keep_warm", "touch", "num_retained_versions", "events")
    assert [told[key] for key in off if told[key]] == []
    assert told["lambda_handler"] == "serverless.handlers.main.handler"
    assert told["runtime"] == f"python{this_python()}"
    assert told["architecture"] == ARCHITECTURE
    assert told["django_settings"] == "tiny.settings"


def test_a_project_without_settings_is_asked_for_them(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="DJANGO_SETTINGS_MODULE"):
        begin(stage, tmp_path, settings={})


@pytest.mark.parametrize(
    "said",
    [
        {"apigateway_enabled": True},
        {"keep_warm": True},
        {"num_retained_versions": 5},
        {"profile_name": "default"},
        {"layers": ["arn:aws:lambda:eu-central-1:1:layer:x:1"]},
        {"aws_environment_variables": {"DEBUG": "1"}},
        {"memory_size": 3008},
        {"lambda_handler": "handler.lambda_handler"},
    ],
    ids=lambda said: str(next(iter(said))),
)
def test_what_would_do_harm_or_be_lost_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(NotPossible, match=f"{next(iter(said))} .take it out"):
        zappa.require(said, stage="test")


def test_what_is_off_anyway_may_be_said() -> None:
    zappa.require({"apigateway_enabled": False, "keep_warm": False, "num_retained_versions": None}, stage="test")


def test_with_all_the_next_stage_begins_anew() -> None:
    done: list[str] = []

    class Zappa(SimpleNamespace):
        def update(self, *_: object) -> None:
            done.append("Zappa's")

    cli: Any = Zappa(command="update", vargs={"zip": "s3://bucket/first.zip"})
    for _ in range(2):
        held = ExitStack()
        held.callback(done.append, "let go")
        hooks._run_within(cast("hooks.Cli", cli), held, afterwards=lambda: done.append("after"))
        cli.update()
        assert cli.vargs["zip"] is None
    assert done == ["Zappa's", "after", "let go"] * 2


def test_a_file_that_git_does_not_know_is_no_clean_release(stage: Stage, tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True)

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "one")
    settings = {"django_settings": "tiny.settings"}
    assert not begin(stage, tmp_path, settings=settings).dirty
    (tmp_path / "new.py").touch()
    assert begin(stage, tmp_path, settings=settings).id.endswith("-dirty")
