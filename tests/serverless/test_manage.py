import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.management import get_commands
from django.db import connection
from pytest_django.fixtures import Settings

from serverless.manage import MOST_CHARACTERS, OUT_OF_TIME, run
from tests.serverless.emulator.support import function_config, in_loop, running

ALLOWED = ["misbehave", "check", "vanished"]
# Above MARGIN_S and what a start of Django takes.
TIMEOUT_S = 3


@pytest.fixture(autouse=True)
def commands(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.serverless.commands"]
    settings.SERVERLESS = settings.SERVERLESS | {"MANAGE": {"COMMANDS": ALLOWED}}
    monkeypatch.setenv("RELEASE", "20261123-061502-1a2b3c4")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    get_commands.cache_clear()  # type: ignore[attr-defined] # functools.cache is told of as its function
    yield
    get_commands.cache_clear()  # type: ignore[attr-defined]


def test_a_command_answers_with_its_output_and_who_ran_it() -> None:
    assert run(["check", "--tag", "urls"]) == {
        "exit": 0,
        "output": "System check identified no issues (0 silenced).\n",
        "release": "20261123-061502-1a2b3c4",
        "version": "7",
    }


def test_what_is_printed_by_hand_is_there_and_can_be_sent() -> None:
    answer = run(["misbehave", "prints"])
    assert (answer["exit"], answer["output"]) == (0, "begun\nby hand\nto the other side \\udc80\n")
    json.dumps(answer, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("way", "code", "words"),
    [
        ("exits", 7, ""),
        ("exits-well", 0, ""),
        ("exits-with-words", 1, "for a reason\n"),
        ("refuses", 9, "CommandError: not today\n"),
        ("fails", 1, "IntegrityError: duplicate key\nDETAIL withheld\n"),
    ],
)
def test_each_end_has_its_code_and_its_words(way: str, code: int, words: str) -> None:
    answer = run(["misbehave", way])
    assert answer["exit"] == code
    assert answer["output"].startswith(f"begun\n{words}")
    assert "a@b.example" not in answer["output"]
    assert "Traceback" not in answer["output"]


@pytest.mark.parametrize("way", ["refuses", "fails"])
def test_a_traceback_can_be_asked_for(way: str) -> None:
    assert "in _raises" in run(["misbehave", way, "--traceback"])["output"]


@pytest.mark.parametrize("way", ["much", "at-once"])
def test_of_long_output_the_end_is_kept_and_it_is_said(way: str) -> None:
    answer = run(["misbehave", way])
    note, _, kept = answer["output"].partition("\n")
    written = len("begun\n") + (2_000 * 1_001 + 8 if way == "much" else 3_000_008)
    assert note == f"[{written - MOST_CHARACTERS} characters before this are left out]"
    assert len(kept) == MOST_CHARACTERS
    assert kept.endswith("the end\n")
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    assert len(json.dumps(answer)) < 6 * 1024**2


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["shell", "-c", "print(1)"], "'shell' is not run here. Commands that are: misbehave, check, vanished;"),
        (["vanished"], "No installed app has a command 'vanished'"),
        (["misbehave"], "arguments are required: way (manage.py misbehave --help)"),
        (["misbehave", "nicely"], "invalid choice: 'nicely'"),
        (["check", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["check", "--settings", "evil"], "--settings and --pythonpath are the function's own"),
        (["check", "--pyth=/tmp"], "--settings and --pythonpath are the function's own"),
        ([], "An event for a command is"),
        ("migrate", "An event for a command is"),
        (["check", 7], "An event for a command is"),
        (None, "An event for a command is"),
        ({"check": 1}, "An event for a command is"),
        ([["check"]], "An event for a command is"),
    ],
)
def test_words_that_make_no_command_are_explained(argv: object, words: str) -> None:
    answer = run(argv)
    assert answer["exit"] == 2
    assert words in answer["output"]


def test_help_is_no_failure() -> None:
    answer = run(["misbehave", "--help"])
    assert answer["exit"] == 0
    assert answer["output"].startswith("usage: manage.py misbehave")


def test_the_log_has_the_name_and_neither_words_nor_output(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "serverless.manage"):
        run(["misbehave", "exits", "--no-color"])
    (record,) = caplog.records
    said = vars(record)
    assert (record.message, said["command"], said["exit"]) == ("command ran", "misbehave", 7)
    assert "no-color" not in str(said)


@pytest.mark.django_db(transaction=True)
def test_connections_are_closed_afterwards() -> None:
    connection.ensure_connection()
    run(["misbehave", "exits"])
    assert connection.connection is None


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_before_the_function_s_end_the_command_is_stopped_and_rolled_back() -> None:
    database = configured.DATABASES["default"]
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    environ = {"DATABASE_URL": f"postgresql://{address}/{connection.settings_dict['NAME']}", "LOG_LEVEL": "INFO"}
    log: list[str] = []
    answers: dict[str, Any] = {}

    @in_loop
    async def invoke() -> None:
        config = replace(
            function_config("", timeout_s=TIMEOUT_S, concurrency=1), handler="tests.serverless.commands_site.handler"
        )
        async with running(config, log=log, environ=environ) as function:
            for way in ("works", "swallows"):
                answers[way] = (await function.invoke({"manage": ["misbehave", way]})).json()
            answers["then"] = (await function.invoke({"manage": ["check", "--tag", "urls"]})).json()

    invoke()
    assert [answer["exit"] for answer in answers.values()] == [OUT_OF_TIME, OUT_OF_TIME, 0]
    assert "misbehave was stopped shortly before the function's end" in answers["works"]["output"]
    assert "misbehave did not stop at the function's end" in answers["swallows"]["output"]
    assert all(answers[way]["output"].startswith("begun\n") for way in ("works", "swallows"))
    assert set(Session.objects.values_list("session_key", flat=True)) == {"committed"}
    assert not any("Task timed out" in line for line in log)
    (stack,) = [line for line in log if "nothing else stopped it" in line]
    assert "in _swallows" in stack
