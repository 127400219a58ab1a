"""Valid events, built from what a test or the emulator knows: AWS's side of each event source."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from serverless.events.types import HttpV2Event, SqsEvent, SqsMessage, SqsRecord, TickEvent

__all__ = ["http_v2", "sqs", "tick"]

_ACCOUNT = "123456789012"  # the account number of AWS's own examples
# Media types whose bodies HTTP API passes as text; everything else arrives base64-encoded.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


def http_v2(
    *,
    method: str = "GET",
    raw_path: str = "/",
    raw_query: str = "",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
    source_ip: str = "127.0.0.1",
    request_id: str = "JKJaXmPLvHcESHA=",
    domain_name: str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    time: datetime | None = None,
) -> HttpV2Event:
    """Return the event of one HTTP API request. ``raw_path`` is given as the API delivers it: percent-decoded."""
    time = time or datetime.now(UTC)
    joined, cookies = _join(headers)
    event: HttpV2Event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": raw_query,
        "headers": joined,
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": domain_name.partition(".")[0],
            "domainName": domain_name,
            "domainPrefix": domain_name.partition(".")[0],
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": joined.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(time.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if parameters := parse_qsl(raw_query, keep_blank_values=True):
        event["queryStringParameters"] = _join(parameters, lower=False)[0]
    if body:
        event["isBase64Encoded"] = encoded = not _is_text(joined, body)
        event["body"] = base64.b64encode(body).decode() if encoded else body.decode()
    return event


def sqs(messages: Sequence[SqsMessage], *, queue_arn: str) -> SqsEvent:
    """Return the event of one batch, as the event source mapping of the queue ``queue_arn`` delivers it."""
    region = queue_arn.split(":")[3]
    return {
        "Records": [
            SqsRecord(**message, eventSource="aws:sqs", eventSourceARN=queue_arn, awsRegion=region)
            for message in messages
        ]
    }


def tick(time: datetime) -> TickEvent:
    """Return the input that the stack gives to the minute schedule; ``time`` stands for its <aws.scheduler...>."""
    return {"source": "serverless.scheduler", "detail-type": "tick", "time": time.astimezone(UTC).isoformat()}


def _join(pairs: Sequence[tuple[str, str]], *, lower: bool = True) -> tuple[dict[str, str], list[str]]:
    joined: dict[str, str] = {}
    cookies: list[str] = []
    for given, value in pairs:
        name = given.lower() if lower else given
        if lower and name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined, cookies


def _is_text(headers: dict[str, str], body: bytes) -> bool:
    if "content-encoding" in headers or not headers.get("content-type", "").lower().startswith(_TEXT_TYPES):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
