"""API Gateway, HTTP API with one `$default` route and payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import uuid

from serverless.emulator import limits
from serverless.emulator.gateway import answers
from serverless.emulator.gateway.base import Gateway, Problem, Takes, forwarded
from serverless.emulator.messages import Request, Response, line_bytes, value_bytes
from serverless.events import build
from serverless.events.types import HttpV2Event


class HttpApi(Gateway):
    """Decodes paths, joins headers, lists cookies apart."""

    name = "http-api"
    takes = Takes(
        body_bytes=limits.HTTP_API_BODY_BYTES,
        header_bytes=limits.HTTP_API_HEADER_BYTES,
        text_types=build.TEXT_TYPES,
    )
    timeout_s = limits.HTTP_API_TIMEOUT
    errors = {
        Problem.HEADERS: (431, "Request Header Fields Too Large"),
        Problem.BODY: (413, "Request Entity Too Large"),
        Problem.EVENT: (413, "Request Entity Too Large"),
        Problem.PATH: (400, "Bad Request"),
        # AWS documents no status for a throttled function behind an HTTP API; 503 is what callers report.
        Problem.THROTTLED: (503, "Service Unavailable"),
        Problem.TIMEOUT: (503, "Service Unavailable"),
        Problem.FAILED: (500, "Internal Server Error"),
        Problem.MALFORMED: (500, "Internal Server Error"),
    }
    request_id_header = "apigw-requestid"

    @classmethod
    def refusal(cls, request: Request) -> Problem | None:
        if line_bytes(request) + value_bytes(request.headers) > limits.HTTP_API_HEADER_BYTES:
            return Problem.HEADERS
        return Problem.BODY if len(request.body) > limits.HTTP_API_BODY_BYTES else None

    @classmethod
    def event(cls, request: Request, *, request_id: str) -> HttpV2Event:
        """The event. Raises ValueError for a path that the API refuses: see build.http_api_path."""
        path, _, query = request.target.partition("?")
        return build.http_v2(
            method=request.method,
            raw_path=build.http_api_path(path),
            raw_query=query,
            headers=forwarded(request, host=build.API_DOMAIN),
            body=request.body or None,
            source_ip=request.address,
            request_id=request_id,
        )

    @classmethod
    def answer(cls, payload: bytes) -> Response:
        response = answers.payload_2(payload, default_type="text/plain;charset=UTF-8")
        answers.bounded(response.headers, limits.HTTP_API_HEADER_BYTES)
        return response

    @classmethod
    def request_id(cls) -> str:
        return base64.b64encode(uuid.uuid4().bytes[:11]).decode()
