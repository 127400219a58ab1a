"""Application Load Balancers, with and without multi-value headers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
Path and query as sent. Without multi-value headers the last of a repeated header or parameter is all that arrives.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final
from urllib.parse import unquote_to_bytes

from serverless.events.types import AlbEvent, AlbResponse
from serverless.http.answers import lists, single
from serverless.http.bodies import encode
from serverless.http.converters.strict import join, mapping, pairs, text
from serverless.http.limits import Limits
from serverless.http.messages import Request, Response

__all__ = ["LIMITS", "answer", "healthy", "request"]

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html and, for headers,
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
LIMITS = Limits(answer_bytes=1024 * 1024, header_bytes=32 * 1024)

_COOKIE: Final = "set-cookie"


def request(event: AlbEvent) -> Request:
    many = event.get("multiValueHeaders")
    headers = mapping(event["headers"]) if many is None else join(many)
    return Request(
        method=event["httpMethod"],
        path=unquote_to_bytes(event["path"]),
        query=_query(event),
        headers=headers,
        text=text(event["body"]),
        is_base64=event["isBase64Encoded"],
        # The balancer appends who connected to it; what stands before that is what they claimed.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
        address=headers.get("x-forwarded-for", "").rpartition(",")[2].strip(),
        scheme="http" if headers.get("x-forwarded-proto") == "http" else "https",
    )


def _query(event: AlbEvent) -> str:
    if (many := event.get("multiValueQueryStringParameters")) is not None:
        return "&".join([f"{name}={value}" for name, value in pairs(many)])
    return "&".join([name + "=" + value for name, value in mapping(event.get("queryStringParameters")).items()])


def answer(response: Response, event: AlbEvent) -> AlbResponse:
    headers, cookies = single(response.headers)
    body, is_base64 = encode(
        response.body,
        content_type=headers.get("content-type", ""),
        content_encoding=headers.get("content-encoding", ""),
    )
    said: AlbResponse = {
        "statusCode": response.status,
        "statusDescription": f"{response.status} {response.reason}",
        "body": body,
        "isBase64Encoded": is_base64,
    }
    if event.get("multiValueHeaders") is not None:
        said["multiValueHeaders"] = lists(response.headers)
    else:
        said["headers"] = headers | dict(zip(_spellings(), cookies, strict=False))
    return said


def healthy(event: AlbEvent) -> AlbResponse:
    """Answer a health check without the application: it carries no host, no secret, and comes every few seconds."""
    return answer(Response(status=200, reason="OK", headers=(), body=b""), event)


def _spellings() -> Iterator[str]:
    """Yield the 512 spellings of Set-Cookie: a load balancer takes names as they are, so that each carries a cookie.

    https://github.com/Kludex/mangum/pull/189 has AWS's word that it works, though not that it always will.
    """
    return ("".join(letters) for letters in product(*(dict.fromkeys((letter, letter.upper())) for letter in _COOKIE)))
