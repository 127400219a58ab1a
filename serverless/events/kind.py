"""Which kind of event a function was handed."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from serverless.exceptions import ServerlessError

__all__ = ["Kind", "UnknownEvent", "kind"]


class Kind(StrEnum):
    HTTP_V2 = "http-v2"
    FUNCTION_URL = "function-url"
    HTTP_V1 = "http-v1"
    ALB_HEALTH_CHECK = "alb-health-check"
    ALB = "alb"
    SQS = "sqs"
    TICK = "tick"
    MANAGE = "manage"


class UnknownEvent(ServerlessError):
    """The function was invoked with something that no event source in use here sends."""


type _Predicate = Callable[[dict[str, Any]], bool]


def _context(event: dict[str, Any]) -> dict[str, Any]:
    context = event.get("requestContext")
    return context if isinstance(context, dict) else {}


def _is_payload_2(event: dict[str, Any], context: dict[str, Any]) -> bool:
    return (
        event.get("version") == "2.0"
        and isinstance(event.get("rawPath"), str)
        and isinstance(event.get("rawQueryString"), str)
        and isinstance(event.get("headers"), dict)
        and isinstance(context.get("http"), dict)
    )


def _is_http_v2(event: dict[str, Any]) -> bool:
    context = _context(event)
    return _is_payload_2(event, context) and ".lambda-url." not in str(context.get("domainName"))


def _is_function_url(event: dict[str, Any]) -> bool:
    return _is_payload_2(event, _context(event))  # what HTTP API sends has been seen to


def _is_http_v1(event: dict[str, Any]) -> bool:
    return (
        isinstance(event.get("resource"), str)
        and isinstance(event.get("path"), str)
        and isinstance(event.get("httpMethod"), str)
        and isinstance(_context(event).get("identity"), dict)
        and "version" not in event
    )


def _is_alb(event: dict[str, Any]) -> bool:
    return (
        isinstance(event.get("path"), str)
        and isinstance(event.get("httpMethod"), str)
        and isinstance(_context(event).get("elb"), dict)
    )


def _is_alb_health_check(event: dict[str, Any]) -> bool:
    """A check that the load balancer makes by itself: whoever else asks comes with X-Forwarded-For.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#enable-health-checks-lambda
    """
    headers = event.get("headers") or event.get("multiValueHeaders")
    return _is_alb(event) and headers in _HEALTH_CHECKERS


_HEALTH_CHECKERS: tuple[dict[str, Any], ...] = (
    {"user-agent": "ELB-HealthChecker/2.0"},
    {"user-agent": ["ELB-HealthChecker/2.0"]},
)


def _is_sqs(event: dict[str, Any]) -> bool:
    records = event.get("Records")
    return (
        isinstance(records, list)
        and bool(records)
        and all(isinstance(record, dict) and record.get("eventSource") == "aws:sqs" for record in records)
    )


def _is_tick(event: dict[str, Any]) -> bool:
    return event.get("source") == "serverless.scheduler" and event.get("detail-type") == "tick"


def _is_manage(event: dict[str, Any]) -> bool:
    """A management command. Nothing else is in it: no event source passes on an object that somebody else wrote."""
    return event.keys() == {"manage"}


# HTTP first: someone waits for it.
_PREDICATES: tuple[tuple[Kind, _Predicate], ...] = (
    (Kind.HTTP_V2, _is_http_v2),
    (Kind.FUNCTION_URL, _is_function_url),
    (Kind.HTTP_V1, _is_http_v1),
    (Kind.ALB_HEALTH_CHECK, _is_alb_health_check),
    (Kind.ALB, _is_alb),
    (Kind.SQS, _is_sqs),
    (Kind.TICK, _is_tick),
    (Kind.MANAGE, _is_manage),
)


def _source(event: dict[str, Any]) -> str:
    """Return the source of a batch's first record: aws:s3, aws:sns, or cloudfront for Lambda@Edge."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records and isinstance(records[0], dict) else {}
    return "cloudfront" if "cf" in first else str(first.get("eventSource") or first.get("EventSource") or "")


# What AWS also sends, so that the refusal can name it.
_REFUSED: tuple[tuple[str, _Predicate], ...] = (
    (
        "an HTTP API event of payload format 1.0 (set the integration's PayloadFormatVersion to 2.0)",
        lambda event: event.get("version") == "1.0" and "httpMethod" in event,
    ),
    ("a WebSocket API event", lambda event: "connectionId" in _context(event)),
    ("an API Gateway authorizer event", lambda event: "methodArn" in event or "routeArn" in event),
    ("a CloudFront (Lambda@Edge) event", lambda event: _source(event) == "cloudfront"),
    ("records of a stream, topic or bucket other than SQS", lambda event: _source(event) not in {"", "aws:sqs"}),
    ("an EventBridge event", lambda event: "detail-type" in event),
)


def kind(event: object) -> Kind:
    """Return the kind of ``event``. Raises UnknownEvent, which names the shape and its keys but none of its values."""
    if isinstance(event, dict):
        for candidate, holds in _PREDICATES:
            if holds(event):
                return candidate
        name = next((name for name, holds in _REFUSED if holds(event)), "an object")
        shape = f"{name} with the keys {sorted(str(key) for key in event)[:20]}"
    else:
        shape = f"a JSON {type(event).__name__}"
    raise UnknownEvent(
        f"This function was invoked with {shape}. It takes API Gateway HTTP API (payload format 2.0) and REST API "
        f"events, those of load balancers and function URLs, SQS batches, the scheduler's tick and management "
        f"commands: point only those at it."
    )
