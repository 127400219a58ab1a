from datetime import UTC, datetime

import pytest

from serverless.events import Kind, UnknownEvent, build, kind
from serverless.events.types import SqsMessage

MESSAGE = SqsMessage(
    messageId="m", receiptHandle="r", body="{}", attributes={}, messageAttributes={}, md5OfBody="99914b932bd37a50"
)


def test_each_event_is_known() -> None:
    assert kind(build.http_v2()) is Kind.HTTP_V2
    assert kind(build.function_url()) is Kind.FUNCTION_URL
    assert kind(build.http_v1()) is Kind.HTTP_V1
    assert kind(build.alb()) is kind(build.alb(multi_value=True)) is Kind.ALB
    assert kind(build.sqs([MESSAGE], queue_arn="arn:aws:sqs:us-east-1:123456789012:q")) is Kind.SQS
    assert kind(build.tick(datetime.now(UTC))) is Kind.TICK
    assert kind({"manage": ["migrate"]}) is kind({"manage": None}) is Kind.MANAGE


@pytest.mark.parametrize("multi_value", [False, True])
def test_a_health_check_is_one_only_where_the_balancer_itself_asks(multi_value: bool) -> None:
    agent = ("User-Agent", "ELB-HealthChecker/2.0")
    assert kind(build.alb(headers=[agent], multi_value=multi_value)) is Kind.ALB_HEALTH_CHECK
    forged = build.alb(headers=[agent, ("x-forwarded-for", "198.51.100.9")], multi_value=multi_value)
    assert kind(forged) is Kind.ALB


@pytest.mark.parametrize(
    "event",
    [
        None, 7, "text", [], {}, {"Records": []}, {"Records": [{"eventSource": "aws:s3"}]}, {"Records": "aws:sqs"},
        {"Records": [{"eventSource": "aws:sqs"}, 7]}, {"version": "2.0"}, {"version": "2.0", "rawPath": "/"},
        {"version": "2.0", "rawPath": "/", "requestContext": {"http": None}}, {"raw_command": "import os"},
        {"httpMethod": "GET", "path": "/"}, {"httpMethod": "GET", "path": "/", "requestContext": {"elb": None}},
        {"resource": "/", "httpMethod": "GET", "path": None, "requestContext": {"identity": {}}},
        {"source": "aws.events"}, {"source": "serverless.scheduler"}, {"manage": ["migrate"], "path": "/"},
    ],
)  # fmt: skip
def test_everything_else_is_refused(event: object) -> None:
    with pytest.raises(UnknownEvent, match="It takes API Gateway HTTP API"):
        kind(event)


def test_the_error_names_the_keys_and_no_value() -> None:
    with pytest.raises(UnknownEvent) as raised:
        kind({"httpMethod": "GET", "password": "hunter2"})
    assert "['httpMethod', 'password']" in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (
            build.http_v1() | {"version": "1.0"},
            r"payload format 1\.0 \(set the integration's PayloadFormatVersion to 2\.0",
        ),
        ({"requestContext": {"connectionId": "x"}, "isBase64Encoded": False}, "a WebSocket API event"),
        ({"type": "REQUEST", "methodArn": "arn:aws:execute-api:…"}, "an API Gateway authorizer event"),
        ({"Records": [{"cf": {"request": {}}}]}, "a CloudFront"),
        ({"Records": [{"eventSource": "aws:s3"}]}, "records of a stream, topic or bucket"),
        ({"Records": [{"EventSource": "aws:sns"}]}, "records of a stream, topic or bucket"),
        ({"source": "aws.ec2", "detail-type": "x"}, "an EventBridge event"),
    ],
)
def test_what_aws_also_sends_is_refused_by_its_name(event: dict[str, object], name: str) -> None:
    with pytest.raises(UnknownEvent, match=name):
        kind(event)
