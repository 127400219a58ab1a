"""Lines of several functions, filtered and made readable, against moto's CloudWatch Logs."""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from serverless import aws
from serverless.deploy.commands import logs as command
from serverless.deploy.operate import logs
from serverless.deploy.operate.logs import Entry, Wanted
from serverless.stack.config import StackConfig
from serverless.stack.names import Function, log_group

type Write = Callable[..., None]


class _Enough(Exception):
    """Ends a ``follow``, as Ctrl-C does."""


@pytest.fixture
def write(config: StackConfig) -> Write:
    client = aws.client("logs", region=config.region)
    made: set[str] = set()

    def write(which: Function, *messages: Any, at: float = 0.0) -> None:
        group = log_group(config.prefix, which)
        if group not in made:
            client.create_log_group(logGroupName=group)
            client.create_log_stream(logGroupName=group, logStreamName="s")
            made.add(group)
        texts = [message if isinstance(message, str) else json.dumps(message) for message in messages]
        events = [{"timestamp": int((time.time() + at) * 1000), "message": f"{text}\n"} for text in texts]
        client.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    return write


def line(message: str, *, level: str = "INFO", **more: Any) -> dict[str, Any]:
    return {"time": "t", "level": level, "logger": "shop", "message": message, **more}


@pytest.fixture
def wanted() -> Wanted:
    return Wanted(since_ms=int((time.time() - 600) * 1000))


def messages(found: list[Entry]) -> list[str]:
    return [json.loads(entry.message)["message"] for entry in found]


def test_the_functions_are_put_together_by_time(config: StackConfig, write: Write, wanted: Wanted) -> None:
    write("web", line("second"), at=-20)
    write("worker", line("first"), at=-30)
    write("worker", line("third"), at=-10)
    write("web", line("too old"), at=-3000)
    assert messages(logs.read(config, wanted)) == ["first", "second", "third"]
    assert messages(logs.read(config, replace(wanted, functions=("web",)))) == ["second"]


def test_one_request(config: StackConfig, write: Write, wanted: Wanted) -> None:
    write("web", line("mine", request_id="a-1"), line("not mine", request_id="b-2"))
    write("web", "REPORT RequestId: a-1 Duration: 3 ms")
    assert messages(logs.read(config, replace(wanted, request_id="a-1"))) == ["mine"]
    with_lambdas_own = logs.read(config, replace(wanted, request_id="a-1", platform=True))
    assert [entry.message.split()[0] for entry in with_lambdas_own] == ['{"time":', "REPORT"]


def test_a_level_is_the_least(config: StackConfig, write: Write, wanted: Wanted) -> None:
    write("web", *(line(level, level=level) for level in logs.LEVELS))
    write("web", "2026-11-23T06:15:02Z 6f Task timed out after 29.00 seconds", "print() from somewhere")
    found = logs.read(config, replace(wanted, level="ERROR"))
    assert [entry.message for entry in found if entry.message[0] != "{"] == [
        "2026-11-23T06:15:02Z 6f Task timed out after 29.00 seconds"
    ]
    assert messages([entry for entry in found if entry.message[0] == "{"]) == ["ERROR", "CRITICAL"]


@pytest.mark.parametrize("text", ['say "x"', "back\\slash", "plain"])
def test_words_are_taken_as_they_are(config: StackConfig, write: Write, wanted: Wanted, text: str) -> None:
    write("web", f"{text} here", "something else")
    assert [entry.message for entry in logs.read(config, replace(wanted, text=text))] == [f"{text} here"]


def test_a_function_that_never_logged_has_no_lines(config: StackConfig, wanted: Wanted) -> None:
    assert logs.read(config, wanted) == []


def test_following_shows_each_line_once(config: StackConfig, write: Write, wanted: Wanted) -> None:
    write("web", line("before"), at=-1)
    shown: list[Entry] = []
    looks = iter(["second", "third"])

    def sleep(_: float) -> None:
        if (next_one := next(looks, None)) is None:
            raise _Enough
        write("worker", line(next_one))

    with pytest.raises(_Enough):
        logs.follow(config, wanted, show=shown.append, sleep=sleep)
    assert messages(shown) == ["before", "second", "third"]


def test_a_line_reads_as_a_sentence_with_its_fields_and_its_trace() -> None:
    said = line("failed", level="ERROR", request_id="a-1", trace_id="t", status=500, exception="Traceback\n  x")
    entry = Entry(at_ms=1_795_405_770_408, id="1", function="web", message=json.dumps(said))
    assert str(entry) == ("2026-11-23 03:49:30.408 web      ERROR    shop: failed status=500 [a-1]\nTraceback\n  x")
    plain = replace(entry, message="Task timed out")
    assert str(plain) == "2026-11-23 03:49:30.408 web      Task timed out"
    assert json.loads(entry.as_json()) == {"function": "web", **said}
    assert json.loads(plain.as_json())["message"] == "Task timed out"


@pytest.mark.parametrize("text", ["", "10", "ten minutes", "-5m", "5y"])
def test_an_age_is_a_number_and_a_unit(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["dev", f"--since={text}"])
    assert "is no age such as 30s, 10m, 2h or 1d" in capsys.readouterr().err
    assert parser.parse_args(["dev", "--since", "2h"]).since == 7200
