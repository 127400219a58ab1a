from datetime import UTC, datetime

import pytest

from serverless.events import Kind, UnknownEvent, build, kind
from serverless.events.types import SqsMessage

MESSAGE = SqsMessage(
    messageId="m", receiptHandle="r", body="{}", attributes={}, messageAttributes={}, md5OfBody="99914b932bd37a50"
)


def test_each_event_is_known() -> None:
    assert kind(build.http_v2()) is Kind.HTTP_V2
    assert kind(build.sqs([MESSAGE], queue_arn="arn:aws:sqs:us-east-1:123456789012:q")) is Kind.SQS
    assert kind(build.tick(datetime.now(UTC))) is Kind.TICK


@pytest.mark.parametrize(
    "event",
    [
        None, 7, "text", [], {}, {"Records": []}, {"Records": [{"eventSource": "aws:s3"}]}, {"Records": "aws:sqs"},
        {"Records": [{"eventSource": "aws:sqs"}, 7]}, {"version": "2.0"}, {"version": "2.0", "rawPath": "/"},
        {"version": "2.0", "rawPath": "/", "requestContext": {"http": None}}, {"raw_command": "import os"},
        {"source": "aws.events"}, {"source": "serverless.scheduler"},
    ],
)  # fmt: skip
def test_everything_else_is_refused(event: object) -> None:
    with pytest.raises(UnknownEvent, match="It takes API Gateway HTTP API events"):
        kind(event)


def test_the_error_names_the_keys_and_no_value() -> None:
    with pytest.raises(UnknownEvent) as raised:
        kind({"httpMethod": "GET", "password": "hunter2"})
    assert "['httpMethod', 'password']" in str(raised.value)
    assert "hunter2" not in str(raised.value)
