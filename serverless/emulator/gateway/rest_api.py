"""API Gateway, REST API with a Lambda proxy integration at `/{proxy+}`, its binary media type `*/*`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
The API has the stage `live`. CloudFront puts it before each path, as its origin path, and the API takes it off again:
it is in `requestContext.path` alone.
"""

from typing import Any, Final

from serverless.emulator import limits
from serverless.emulator.gateway import answers
from serverless.emulator.gateway.base import Gateway, Problem, Takes, forwarded
from serverless.emulator.messages import Headers, Request, Response, end_to_end, value_bytes
from serverless.events import build
from serverless.events.types import HttpV1Event

STAGE: Final = "live"

# None is required, and no other is allowed, as LocalStack found by comparing with AWS:
# https://github.com/localstack/localstack/blob/main/localstack-core/localstack/services/apigateway/next_gen/execute_api/integrations/aws.py
_KEYS: Final = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED: Final = frozenset(
    {
        "authorization",
        "content-length",
        "content-md5",
        "date",
        "max-forwards",
        "server",
        "user-agent",
        "www-authenticate",
    }
)


class RestApi(Gateway):
    """Decodes the query, keeps path and headers; every body is base64."""

    name = "rest-api"
    takes = Takes(body_bytes=limits.REST_API_BODY_BYTES, header_bytes=limits.REST_API_HEADER_BYTES, text_types=())
    timeout_s = limits.REST_API_TIMEOUT
    # https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html: 500 where Lambda refuses to invoke,
    # 502 where the function fails or answers wrongly. A body that only Lambda finds too large is 413 all the same, as
    # callers report.
    errors = {
        Problem.HEADERS: (431, "Request Header Fields Too Large"),
        Problem.BODY: (413, "Request Too Long"),
        Problem.EVENT: (413, "Request Too Long"),
        Problem.THROTTLED: (500, "Internal server error"),
        Problem.TIMEOUT: (504, "Endpoint request timed out"),
        Problem.FAILED: (502, "Internal server error"),
        Problem.MALFORMED: (502, "Internal server error"),
    }
    request_id_header = "x-amzn-requestid"

    @classmethod
    def refusal(cls, request: Request) -> Problem | None:
        if value_bytes(request.headers) > limits.REST_API_HEADER_BYTES:
            return Problem.HEADERS
        return Problem.BODY if len(request.body) > limits.REST_API_BODY_BYTES else None

    @classmethod
    def event(cls, request: Request, *, request_id: str) -> HttpV1Event:
        path, _, query = request.target.partition("?")
        event = build.http_v1(
            method=request.method,
            raw_path=path,
            raw_query=query,
            headers=forwarded(request, host=build.API_DOMAIN),
            body=request.body or None,
            source_ip=request.address,
            stage=STAGE,
        )
        event["requestContext"]["requestId"] = request_id
        return event

    @classmethod
    def answer(cls, payload: bytes) -> Response:
        answer = answers.described(payload)
        if unknown := sorted(answer.keys() - _KEYS):
            raise answers.Malformed(f"unknown keys {', '.join(unknown)}")
        headers = answers.typed(_merged(answer), "application/json")
        headers = answers.bounded(end_to_end(headers), limits.REST_API_HEADER_BYTES)
        return Response(
            status=answers.status({"statusCode": 200, **answer}), headers=_remapped(headers), body=answers.body(answer)
        )


def _merged(answer: dict[str, Any]) -> Headers:
    """Both forms as one list; a pair that is in both counts once."""
    many = answers.many(answer)
    known = {(name.lower(), value) for name, value in many}
    return (*many, *((name, value) for name, value in answers.single(answer) if (name.lower(), value) not in known))


def _remapped(headers: Headers) -> Headers:
    """The headers, those that the API keeps to itself under another name."""
    return tuple((f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value) for name, value in headers)
