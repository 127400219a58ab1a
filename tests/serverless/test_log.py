import json
import logging
import sys

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


def test_an_exception_is_one_line_with_its_trace() -> None:
    try:
        raise LookupError("gone")
    except LookupError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    assert "LookupError: gone" in str(format_record(made)["exception"])


def test_django_s_request_lines_lose_path_and_request() -> None:
    request = RequestFactory().get("/s/secret-token/", HTTP_COOKIE="sessionid=stolen")
    made = record("Not Found: %s", "/s/secret-token/", request=request, status_code=404)
    text = json.dumps(format_record(made))
    assert "secret-token" not in text
    assert "stolen" not in text
    assert '"message": "Not Found"' in text


def test_what_json_cannot_say_is_written_as_text() -> None:
    assert format_record(record("x", value={1, 2}))["value"] == "{1, 2}"
