import subprocess
import sys
from pathlib import Path

import pytest

from serverless.emulator.__main__ import main
from tests.serverless.emulator.support import ROOT


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    for option in ("host", "port", "state-dir", "settings", "handler", "front-door", "shards", "maintenance"):
        assert f"--{option}" in printed
    assert "[tool.serverless]" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "port must be from 1 to 65535"),
        (["--host", "203.0.113.1"], "nothing can listen on 203.0.113.1"),
        (["--port", "0"], "port must be from 1"),
        (["--shards", "default"], "'default' cannot be one"),
        (["--maintenance", "a;b"], "maintenance is a secret of letters, digits, - and _"),
        (["--front-door", "elb"], "must be one of http-api, rest-api, alb, alb-multi-value, function-url"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_1(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_state_directory_that_is_none(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (elsewhere / "file").touch()
    assert main(["--port", "8931", "--state-dir", "file"]) == 1
    assert "--state-dir" in capsys.readouterr().err


def test_the_log_outlives_its_reader() -> None:
    code = (
        "import sys; from serverless.emulator.__main__ import _print; sys.stdin.read(); _print('lost'); _print('too')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # `make run | head`
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(5) == 0


def test_the_parent_process_loads_neither_django_nor_boto3() -> None:
    code = (
        "import sys, serverless.emulator.__main__; print([m for m in ('django', 'boto3', 'moto') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
