"""API Gateway REST APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
Path as sent, query decoded into lists, headers as lists in any case. Bodies arrive whole, and leave whole, where the
API declares the binary media type */*.
"""

from urllib.parse import unquote, unquote_to_bytes, urlencode

from serverless.events.types import HttpV1Event, HttpV1Response
from serverless.http.answers import lists
from serverless.http.bodies import encode
from serverless.http.converters.strict import join, mapping, pairs, text
from serverless.http.limits import API_GATEWAY_HEADER_BYTES, Limits
from serverless.http.messages import Request, Response

__all__ = ["LIMITS", "answer", "request"]

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
LIMITS = Limits(header_bytes=API_GATEWAY_HEADER_BYTES, seconds=29)


def request(event: HttpV1Event) -> Request:
    context = event["requestContext"]
    path, mount = _split(event)
    return Request(
        method=event["httpMethod"],
        path=unquote_to_bytes(path),
        query=urlencode(list(pairs(event["multiValueQueryStringParameters"]))),
        headers=join(event["multiValueHeaders"]),
        text=text(event["body"]),
        is_base64=event["isBase64Encoded"],
        address=context["identity"]["sourceIp"],
        domain=context.get("domainName", ""),
        mount=unquote(mount),
    )


def _split(event: HttpV1Event) -> tuple[str, str]:
    """Return the path inside the API, and what stands before it in the URL: the stage, or a custom domain's base path.

    ``path`` is without the stage but with the base path, which no key names. The resource, its parameters filled in, is
    the path without either. https://github.com/localstack/localstack/pull/12296
    """
    path, whole = event["path"], event["requestContext"].get("path", event["path"])
    if not path.startswith("/"):
        raise ValueError("the path does not begin with a slash")
    inside = event["resource"]
    for name, value in mapping(event["pathParameters"]).items():
        inside = inside.replace(f"{{{name}+}}", value).replace(f"{{{name}}}", value)
    bare = path.rstrip("/")
    # API Gateway leaves a trailing slash out of parameters.
    if bare.endswith(inside.rstrip("/")):
        path = path[len(bare) - len(inside.rstrip("/")) :] or "/"
    mount = whole.removesuffix(path) if whole.endswith(path) else ""
    return path, mount.rstrip("/")


def answer(response: Response, _: HttpV1Event) -> HttpV1Response:
    headers = lists(response.headers)
    body, is_base64 = encode(
        response.body,
        content_type=headers.get("content-type", [""])[-1],
        content_encoding=headers.get("content-encoding", [""])[-1],
    )
    return {
        "statusCode": response.status,
        "multiValueHeaders": headers,
        "body": body,
        "isBase64Encoded": is_base64,
    }
