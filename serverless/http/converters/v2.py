"""Payload format 2.0: API Gateway HTTP APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
The API decodes the path before the event is made, joins repeated headers with commas, and lists cookies apart.
"""

from serverless.events.types import HttpV2Event, HttpV2Response
from serverless.http.answers import single
from serverless.http.bodies import encode
from serverless.http.converters.strict import joined, name, text
from serverless.http.limits import API_GATEWAY_HEADER_BYTES, Limits
from serverless.http.messages import Request, Response

__all__ = ["LIMITS", "answer", "payload_2", "request"]

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
LIMITS = Limits(header_bytes=API_GATEWAY_HEADER_BYTES, seconds=30)


def request(event: HttpV2Event) -> Request:
    # Decoded by the API: decoding it again would turn %2525 into a percent sign that nobody sent.
    path, mount, stage = event["rawPath"], "", event["requestContext"]["stage"]
    if stage != "$default":
        path, mount = _split(path, "/" + name(stage), event["requestContext"]["domainName"])
    return payload_2(event, path=path.encode("utf-8", "surrogatepass"), mount=mount)


def _split(path: str, stage: str, domain: str) -> tuple[str, str]:
    """Return the path inside the API, and what stands before it in the URL.

    Every stage but $default stands before the path, under the API's own name and under a custom domain's, whose URLs do
    not have it. https://github.com/CodeGenieApp/serverless-express/issues/465
    """
    if path != stage and not path.startswith(f"{stage}/"):
        return path, ""
    return path.removeprefix(stage) or "/", stage if ".execute-api." in domain else ""


def payload_2(event: HttpV2Event, *, path: bytes, mount: str) -> Request:
    """Return the request of an event in payload format 2.0, the one part apart that its senders treat differently."""
    context, headers = event["requestContext"], event["headers"]
    # A function URL sends the header as well, as it was sent.
    if (cookies := event.get("cookies")) and "cookie" not in headers:
        headers = {**headers, "cookie": joined(cookies, "; ")}
    return Request(
        method=context["http"]["method"],
        path=path,
        query=event["rawQueryString"],
        headers=headers,
        text=text(event.get("body")),
        is_base64=event.get("isBase64Encoded", False),
        address=context["http"]["sourceIp"],
        domain=context["domainName"],
        mount=mount,
    )


def answer(response: Response, _: HttpV2Event) -> HttpV2Response:
    headers, cookies = single(response.headers)
    body, is_base64 = encode(
        response.body,
        content_type=headers.get("content-type", ""),
        content_encoding=headers.get("content-encoding", ""),
    )
    return {
        "statusCode": response.status,
        "headers": headers,
        "cookies": cookies,
        "body": body,
        "isBase64Encoded": is_base64,
    }
