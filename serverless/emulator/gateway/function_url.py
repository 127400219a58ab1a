"""A function URL: Lambda's own address for a function, in payload format 2.0.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from serverless.emulator import limits
from serverless.emulator.gateway import answers
from serverless.emulator.gateway.base import Gateway, Problem, Takes, forwarded
from serverless.emulator.messages import Request, Response
from serverless.events import build
from serverless.events.types import HttpV2Event


class FunctionUrl(Gateway):
    """Keeps the path as sent, joins headers, and waits for as long as the function may run."""

    name = "function-url"
    takes = Takes(body_bytes=limits.LAMBDA_REQUEST_BYTES, header_bytes=None, text_types=build.TEXT_TYPES)
    timeout_s = None
    errors = {
        Problem.BODY: (413, "Request Entity Too Large"),
        Problem.EVENT: (413, "Request Entity Too Large"),
        Problem.THROTTLED: (429, "Rate Exceeded."),
        Problem.FAILED: (502, "Internal Server Error"),
        Problem.MALFORMED: (502, "Internal Server Error"),
    }
    request_id_header = "x-amzn-requestid"

    @classmethod
    def refusal(cls, request: Request) -> Problem | None:
        return Problem.BODY if len(request.body) > limits.LAMBDA_REQUEST_BYTES else None

    @classmethod
    def event(cls, request: Request, *, request_id: str) -> HttpV2Event:
        path, _, query = request.target.partition("?")
        event = build.function_url(
            method=request.method,
            raw_path=path,
            raw_query=query,
            headers=forwarded(request, host=build.FUNCTION_DOMAIN),
            body=request.body or None,
            source_ip=request.address,
        )
        event["requestContext"]["requestId"] = request_id
        return event

    @classmethod
    def answer(cls, payload: bytes) -> Response:
        return answers.payload_2(payload, default_type="application/json")

    @classmethod
    def own(cls, status: int, message: str) -> Response:
        # Callers report this text, declared as JSON, for 502: https://github.com/awsdocs/aws-lambda-developer-guide/issues/430
        if status == 502:
            headers = (("content-type", "application/json"),)
            return Response(status=status, headers=headers, body=message.encode(), by_gateway=True)
        return super().own(status, message)
