"""API Gateway HTTP API, payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
The API decodes the path before the event is made, joins repeated headers with commas, and lists cookies apart.
"""

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from serverless.events.types import HttpV2Event, HttpV2Response
from serverless.http.environ import build_environ
from serverless.http.messages import Response, Viewer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["environ", "headers", "method", "response"]

# Types whose bodies are text by definition; only UTF-8 goes into a JSON string unharmed, the rest travels as base64.
_TEXT_TYPES = ("text/", "application/json", "application/problem+json", "application/javascript", "application/xml")
_UTF8 = "charset=utf-8"


def headers(event: HttpV2Event) -> dict[str, str]:
    return event["headers"]


def method(event: HttpV2Event) -> str:
    return event["requestContext"]["http"]["method"]


def environ(event: HttpV2Event, viewer: Viewer) -> "WSGIEnvironment":
    given: dict[str, str] = event["headers"]
    if cookies := event.get("cookies"):
        given = {**given, "cookie": "; ".join(cookies)}
    http = event["requestContext"]["http"]
    return build_environ(
        method=http["method"],
        path=event["rawPath"],
        query=event["rawQueryString"],
        headers=given,
        body=_body(event),
        viewer=Viewer(
            host=viewer.host or given.get("host") or event["requestContext"]["domainName"],
            address=viewer.address or http["sourceIp"],
            scheme=viewer.scheme,
        ),
    )


def response(response: Response) -> HttpV2Response:
    names: dict[str, str] = {}
    cookies: list[str] = []
    for given, value in response.headers:
        name = given.lower()
        if name == "set-cookie":
            cookies.append(value)
        else:
            names[name] = f"{names[name]}, {value}" if name in names else value
    text = _text(names, response.body)
    return {
        "statusCode": response.status,
        "headers": names,
        "cookies": cookies,
        "body": b64encode(response.body).decode("ascii") if text is None else text,
        "isBase64Encoded": text is None,
    }


def _body(event: HttpV2Event) -> bytes:
    body: Any = event.get("body") or ""
    return b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()


def _text(names: dict[str, str], body: bytes) -> str | None:
    kind = names.get("content-type", "").lower()
    is_text = kind.startswith(_TEXT_TYPES) and ("charset=" not in kind or _UTF8 in kind)
    if body and (not is_text or "content-encoding" in names):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
