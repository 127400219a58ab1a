"""HTTP events: what API Gateway, a load balancer or a function URL makes of a request.

What AWS's documents leave open is taken from events captured from live endpoints:
https://github.com/hotsock/voker/tree/main/vokerhttp/testdata (paths, queries, headers, cookies of all four) and
https://github.com/ministackorg/ministack/pull/766 (which bodies HTTP API encodes).
"""

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from serverless.events.types import AlbEvent, HttpV1Event, HttpV2Context, HttpV2Event

__all__ = ["API_DOMAIN", "FUNCTION_DOMAIN", "TEXT_TYPES", "alb", "function_url", "http_api_path", "http_v1", "http_v2"]

type Pairs = Sequence[tuple[str, str]]

API_DOMAIN: Final = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
FUNCTION_DOMAIN: Final = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws"

_ACCOUNT: Final = "123456789012"  # the account number of AWS's own examples
_TARGET_GROUP: Final = f"arn:aws:elasticloadbalancing:us-east-1:{_ACCOUNT}:targetgroup/web/6d0ecf831eec9f09"
# Media types whose bodies travel as text; everything else arrives base64-encoded, forms included.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer
TEXT_TYPES: Final = ("text/", "application/json", "application/javascript", "application/xml")
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def http_api_path(path: str) -> str:
    """Return ``path``, as sent, as HTTP API delivers it: decoded, cut at a ``?`` that shows then, and decoded again.

    Raises ValueError where the second decoding meets a broken escape: HTTP API answers that request by itself.
    """
    once = unquote(path, errors="replace").partition("?")[0]
    if _BROKEN_ESCAPE.search(once):
        raise ValueError(f"HTTP API refuses the path {path!r}: decoded, it holds a percent sign that escapes nothing.")
    return unquote(once, errors="replace")


def http_v2(
    *,
    method: str = "GET",
    raw_path: str = "/",
    raw_query: str = "",
    headers: Pairs = (),
    body: bytes | None = None,
    source_ip: str = "127.0.0.1",
    request_id: str = "JKJaXmPLvHcESHA=",
    domain_name: str = API_DOMAIN,
    stage: str = "$default",
    time: datetime | None = None,
) -> HttpV2Event:
    """Return the event of one HTTP API request, payload format 2.0. ``raw_path`` as delivered: see http_api_path.

    ``stage`` other than $default stands before the path, as the API puts it there.
    """
    path = raw_path if stage == "$default" else f"/{stage}{raw_path}"
    context = _v2_context(path, method, domain_name, source_ip, request_id, stage, time or datetime.now(UTC))
    return _payload_2(path, raw_query, headers, body, context)


def function_url(
    *,
    method: str = "GET",
    raw_path: str = "/",
    raw_query: str = "",
    headers: Pairs = (),
    body: bytes | None = None,
    source_ip: str = "127.0.0.1",
    domain_name: str = FUNCTION_DOMAIN,
) -> HttpV2Event:
    """Return the event of one request to a function URL. ``raw_path`` as sent: it stays percent-encoded."""
    request_id = "d16a6b55-dea9-4b23-8499-eb85c3d2d904"
    context = _v2_context(raw_path, method, domain_name, source_ip, request_id, "$default", datetime.now(UTC))
    context["accountId"] = "anonymous"
    context["http"]["path"] = unquote(raw_path, errors="replace")
    event = _payload_2(raw_path, raw_query, headers, body, context)
    if cookies := [value for name, value in headers if name.lower() == "cookie"]:
        event["headers"]["cookie"] = "; ".join(cookies)  # unlike HTTP API, which lists cookies only apart
    return event


def http_v1(
    *,
    method: str = "GET",
    raw_path: str = "/",
    raw_query: str = "",
    headers: Pairs = (),
    body: bytes | None = None,
    source_ip: str = "127.0.0.1",
    domain_name: str = API_DOMAIN,
    stage: str = "live",
    base_path: str = "",
) -> HttpV1Event:
    """Return the event of one REST API request to ``/{proxy+}``, the API declared binary for ``*/*``.

    ``raw_path`` as sent, below the stage; ``base_path`` (``/shop``) is that of the custom domain ``domain_name``.
    """
    many = _lists(headers, drop="content-length")
    query = _lists(parse_qsl(raw_query, keep_blank_values=True))
    custom = ".execute-api." not in domain_name
    now = datetime.now(UTC)
    return {
        "resource": "/{proxy+}" if raw_path.strip("/") else "/",
        "path": f"{base_path}{raw_path}",
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in many.items()},
        "multiValueHeaders": many,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": raw_path.strip("/")} if raw_path.strip("/") else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": API_DOMAIN.partition(".")[0],
            "domainName": domain_name,
            "httpMethod": method,
            "identity": {"sourceIp": source_ip, "userAgent": many.get("user-agent", [""])[-1]},
            "path": f"{base_path if custom else '/' + stage}{raw_path}",
            "protocol": "HTTP/1.1",
            "requestId": "7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0",
            "requestTimeEpoch": int(now.timestamp() * 1000),
            "stage": stage,
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


def alb(
    *,
    method: str = "GET",
    raw_path: str = "/",
    raw_query: str = "",
    headers: Pairs = (),
    body: bytes | None = None,
    multi_value: bool = False,
) -> AlbEvent:
    """Return the event of one request to a target group, with or without its multi-value headers.

    Path and query stay percent-encoded. The client's address is the last of X-Forwarded-For, which ``headers`` hold.
    """
    pairs = [part.partition("=")[::2] for part in raw_query.split("&") if part]
    many, query = _lists([(name.lower(), value) for name, value in headers]), _lists(pairs)
    text, encoded = _body(headers, body)
    event: AlbEvent = {
        "requestContext": {"elb": {"targetGroupArn": _TARGET_GROUP}},
        "httpMethod": method,
        "path": raw_path,
        "body": text or "",
        "isBase64Encoded": encoded,
    }
    if multi_value:
        event["multiValueHeaders"], event["multiValueQueryStringParameters"] = many, query
    else:
        event["headers"] = {name: values[-1] for name, values in many.items()}
        event["queryStringParameters"] = {name: values[-1] for name, values in query.items()}
    return event


def _v2_context(
    path: str, method: str, domain_name: str, source_ip: str, request_id: str, stage: str, time: datetime
) -> HttpV2Context:
    return {
        "accountId": _ACCOUNT,
        "apiId": domain_name.partition(".")[0],
        "domainName": domain_name,
        "domainPrefix": domain_name.partition(".")[0],
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": source_ip, "userAgent": ""},
        "requestId": request_id,
        "routeKey": "$default",
        "stage": stage,
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(time.timestamp() * 1000),
    }


def _payload_2(path: str, query: str, headers: Pairs, body: bytes | None, context: HttpV2Context) -> HttpV2Event:
    many = _lists([(name.lower(), value) for name, value in headers])
    cookies = [part.strip() for value in many.pop("cookie", []) for part in value.split(";") if part.strip()]
    context["http"]["userAgent"] = ",".join(many.get("user-agent", []))
    event: HttpV2Event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name: ",".join(values) for name, values in many.items()},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if parameters := _lists(parse_qsl(query, keep_blank_values=True)):
        event["queryStringParameters"] = {name: ",".join(values) for name, values in parameters.items()}
    if body:
        event["body"], event["isBase64Encoded"] = _body(headers, body)
    return event


def _lists(pairs: Pairs | Sequence[Any], *, drop: str | None = None) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.lower() != drop:
            gathered.setdefault(name, []).append(value)
    return gathered


def _body(headers: Pairs, body: bytes | None) -> tuple[str, bool]:
    said = {name.lower(): value for name, value in headers}
    if not body:
        return "", False
    if "content-encoding" not in said and said.get("content-type", "").lower().startswith(TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # AWS documents nothing for text that is not UTF-8; base64 is the one form that could carry it
    return base64.b64encode(body).decode(), True
