"""``python -m serverless.deploy`` and ``manage.py stack``, as people call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from serverless.deploy import commands, stacks
from serverless.deploy.__main__ import main
from serverless.stack.outputs import HomeOutput
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import Stage, _cloud, cloud, stage

__all__ = ["_cloud", "cloud", "stage"]

ROOT = Path(__file__).resolve().parents[3]
PYPROJECT = """
[tool.serverless.stack]
project = "shop"
region = "eu-central-1"

[tool.serverless.stack.stages.dev]
profile = "frugal"
protected = false
web_concurrency = 10
worker_concurrency = 4
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.joinpath("pyproject.toml").write_text(PYPROJECT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert "stack deploy production" in text
    for name in commands.names():
        assert f"\n    {name} " in text


@pytest.mark.parametrize("name", commands.names())
def test_every_command_is_one(name: str) -> None:
    command = commands.load(name)

    assert command.__doc__
    assert callable(command.add_arguments)
    assert callable(command.run)


def test_outputs_for_people_and_for_programs(project: Path, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.deploy()

    assert main(["stack", "outputs", "dev"]) == 0
    assert "\n  ApiDomain               the ApiDomain\n" in capsys.readouterr().out
    assert main(["stack", "outputs", "dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["home"][HomeOutput.API_DOMAIN] == "the ApiDomain"


def test_diff_tells_by_its_exit_code(project: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stack", "diff", "dev"]) == 2

    assert "shop-dev-home in eu-central-1: new, " in capsys.readouterr().out
    assert cloud.names() == []


def test_a_template_is_printed_without_asking_aws(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    assert main(["stack", "diff", "dev", "--template", "home"]) == 0
    assert "Database" in json.loads(capsys.readouterr().out)["Resources"]


def test_destroy_wants_the_name(project: Path, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.deploy()

    assert main(["stack", "destroy", "dev", "--yes-destroy", "shop"]) == 1
    assert "To destroy all of shop-dev, name it" in capsys.readouterr().err
    assert main(["stack", "destroy", "dev", "--remains"]) == 0
    with pytest.raises(SystemExit):
        main(["stack", "destroy", "dev"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["stack", "outputs", "nope"], "There is no [tool.serverless.stack.stages.nope] in pyproject.toml (dev)."),
        (["stack", "outputs", "dev", "--pyproject", "gone.toml"], "gone.toml cannot be read"),
        (["stack", "outputs", "dev"], "There is no stack shop-dev-releases in eu-central-1."),
    ],
)
def test_an_error_is_a_sentence(
    project: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(arguments) == 1

    text = capsys.readouterr().err
    assert text.startswith(sentence)
    assert len(text.splitlines()) == 1


def test_nobody_to_answer_is_no(
    project: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", closed)

    assert main(["stack", "deploy", "dev"]) == 1
    told = capsys.readouterr()
    assert "--yes does it without asking" in told.out
    assert told.err == "Nothing was changed.\n"


def test_ctrl_c_ends_with_the_code_of_a_signal(
    project: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", leave)

    assert main(["stack", "deploy", "dev"]) == 130
    assert "Stopped before anything was changed." in capsys.readouterr().err


@pytest.mark.parametrize(
    "program",
    [[sys.executable, "manage.py", "stack"], [sys.executable, "-m", "serverless.deploy", "stack"]],
    ids=["manage.py", "module"],
)
def test_it_needs_no_variable_of_the_project(cloud: Cloud, program: list[str]) -> None:
    variables = {
        "PATH": os.defpath,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local-secret",
    }

    done = subprocess.run([*program, "outputs", "dev"], cwd=ROOT, env=variables, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("There is no stack loupe-dev-releases in eu-central-1.")


def test_the_django_command_is_the_same(project: Path, cloud: Cloud) -> None:
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="There is no stack shop-dev-releases"):
        call_command("stack", "outputs", "dev")
    with pytest.raises(SystemExit) as ended:
        call_command("stack", "diff", "dev")
    assert ended.value.code == 2


def test_public_names_are_there() -> None:
    assert {name for name in stacks.__all__ if not hasattr(stacks, name)} == set()
