import json
import logging
import sys

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from serverless import context
from serverless.log import JsonFormatter
from tests.serverless.lambda_context import FakeContext


def format_record(record: logging.LogRecord) -> dict[str, object]:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    parsed: dict[str, object] = json.loads(line)
    return parsed


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("x").makeRecord("x", logging.WARNING, "f", 1, message, args, None, extra=extra)


def test_message_level_and_extra_fields() -> None:
    line = format_record(record("sent %d", 3, queue="default"))
    assert (line["message"], line["level"], line["logger"], line["queue"]) == ("sent 3", "WARNING", "x", "default")
    assert "request_id" not in line


def test_the_request_id_of_the_invocation_is_on_every_line() -> None:
    with context.invocation(FakeContext(aws_request_id="abc")):
        assert format_record(record("x"))["request_id"] == "abc"


def test_so_is_the_id_of_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1")
    with context.invocation(FakeContext()):
        assert format_record(record("x"))["trace_id"] == "1-67891233-abcdef012345678912345678"
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    with context.invocation(FakeContext()):
        assert "trace_id" not in format_record(record("x"))


def test_an_exception_is_one_line_with_its_trace() -> None:
    try:
        raise LookupError("gone")
    except LookupError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    assert "LookupError: gone" in str(format_record(made)["exception"])


@pytest.mark.parametrize(
    ("words", "args", "said"),
    [
        # As Django words them: core/handlers, views/decorators/http.py, middleware/csrf.py.
        ("%s: %s", ("Not Found", "/s/secret-token/"), "Not Found"),
        ("Method Not Allowed (%s): %s", ("PUT", "/s/secret-token/"), "Method Not Allowed (PUT)"),
        (
            "Forbidden (%s): %s",
            ("Referer checking failed - https://loupe.test/s/secret-token/ does not match.", "/s/secret-token/"),
            "Forbidden (Referer checking failed - https://loupe.test does not match.)",
        ),
        ("Invalid HTTP_HOST header: '/s/secret-token/'.", (), "Invalid HTTP_HOST header"),
    ],
)
def test_django_s_request_lines_lose_paths_and_request(words: str, args: tuple[str, ...], said: str) -> None:
    request = RequestFactory().get("/s/secret-token/", HTTP_COOKIE="sessionid=stolen")
    line = format_record(record(words, *args, request=request, status_code=404))
    assert line["message"] == said
    assert "secret-token" not in json.dumps(line)
    assert "stolen" not in json.dumps(line)


@pytest.mark.django_db
@pytest.mark.pins("temporary")
def test_a_row_that_postgresql_refuses_is_not_quoted() -> None:
    made = record("failed")
    values = ["ann@loupe.test\nsecond line"]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE people (email text CHECK (email = '')) ON COMMIT DROP")
            cursor.execute("INSERT INTO people VALUES (%s)", values)
    except IntegrityError:
        made.exc_info = sys.exc_info()
    said = str(format_record(made)["exception"])
    assert "ann@" not in said
    assert "second line" not in said
    assert 'violates check constraint "people_email_check"\nDETAIL withheld' in said
    assert said.count("Traceback") == 2
    # As Django words what robust hooks and receivers raise.
    (_, error, _) = made.exc_info or (None, None, None)
    assert "ann@" not in json.dumps(format_record(record("Error calling %s (%s).", "publish", error)))


def test_what_json_cannot_say_is_written_as_text() -> None:
    assert format_record(record("x", value={1, 2}))["value"] == "{1, 2}"


@pytest.mark.parametrize("value", ['ä"\\\n\u2028', 7, -1, 1.5, 1e300, True, False, None, [1, "a"], {"a": {"b": None}}])
def test_what_json_can_say_is_read_as_it_was_written(value: object) -> None:
    assert format_record(record("x", **{"value": value, 'ke"y': value})) | {"time": "", "message": ""} == {
        "time": "", "level": "WARNING", "logger": "x", "message": "", "value": value, 'ke"y': value,
    }  # fmt: skip


def test_a_line_says_when_it_was_written_to_the_millisecond() -> None:
    made = record("x")
    for second, millisecond, said in [
        (0, 0.0, "1970-01-01T00:00:00.000+00:00"),
        (1_732_322_222, 7.0, "2024-11-23T00:37:02.007+00:00"),
        (1_732_322_222, 999.0, "2024-11-23T00:37:02.999+00:00"),
        (1_732_322_223, 0.0, "2024-11-23T00:37:03.000+00:00"),
    ]:
        made.created, made.msecs = second + millisecond / 1000, millisecond
        assert format_record(made)["time"] == said
