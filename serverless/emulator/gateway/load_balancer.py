"""Application Load Balancer with the function as its target, with and without multi-value headers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from typing import Any, ClassVar, Final

from serverless.emulator import limits
from serverless.emulator.gateway import answers
from serverless.emulator.gateway.base import Gateway, Problem, Takes, forwarded
from serverless.emulator.messages import Headers, Request, Response, end_to_end, field_bytes, line_bytes
from serverless.events import build
from serverless.events.types import AlbEvent

DOMAIN: Final = "web-846800462.us-east-1.elb.amazonaws.com"
_PAGE: Final = "\r\n".join(
    (
        "<html>",
        "<head><title>{title}</title></head>",
        "<body>",
        "<center><h1>{title}</h1></center>",
        "</body>",
        "</html>",
        "",
    )
)


class LoadBalancer(Gateway):
    """Keeps path and query as sent; the last of a repeated header or parameter is all that arrives."""

    name = "alb"
    multi_value: ClassVar[bool] = False
    takes = Takes(body_bytes=limits.ALB_BODY_BYTES, header_bytes=None, text_types=build.TEXT_TYPES)
    timeout_s = limits.ALB_IDLE_TIMEOUT
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
    # It gives no status for a throttled function; its access log counts that among the function's own failures.
    errors = {
        Problem.HEADERS: (400, "Bad Request"),
        Problem.BODY: (413, "Request Entity Too Large"),
        Problem.EVENT: (413, "Request Entity Too Large"),
        Problem.THROTTLED: (502, "Bad Gateway"),
        Problem.TIMEOUT: (504, "Gateway Time-out"),
        Problem.FAILED: (502, "Bad Gateway"),
        Problem.MALFORMED: (502, "Bad Gateway"),
    }

    @classmethod
    def refusal(cls, request: Request) -> Problem | None:
        line, fields = line_bytes(request), [field_bytes(pair) for pair in request.headers]
        if (
            line > limits.ALB_LINE_BYTES
            or max(fields, default=0) > limits.ALB_HEADER_BYTES
            or line + sum(fields) > limits.ALB_HEADERS_BYTES
        ):
            return Problem.HEADERS
        return Problem.BODY if len(request.body) > limits.ALB_BODY_BYTES else None

    @classmethod
    def event(cls, request: Request, *, request_id: str) -> AlbEvent:  # noqa: ARG003 - load balancers have none
        path, _, query = request.target.partition("?")
        return build.alb(
            method=request.method,
            raw_path=path,
            raw_query=query,
            headers=forwarded(request, host=DOMAIN),
            body=request.body or None,
            multi_value=cls.multi_value,
        )

    @classmethod
    def answer(cls, payload: bytes) -> Response:
        if len(payload) > limits.ALB_ANSWER_BYTES:
            raise answers.Malformed(f"{len(payload)} bytes of JSON, {limits.ALB_ANSWER_BYTES} at most")
        answer = answers.described(payload)
        return Response(
            status=answers.status(answer),
            reason=_reason(answer),
            headers=_bounded(end_to_end(cls._headers(answer))),
            body=answers.body(answer),
        )

    @classmethod
    def own(cls, status: int, message: str) -> Response:
        page = _PAGE.format(title=f"{status} {message}").encode()
        headers = (("server", "awselb/2.0"), ("content-type", "text/html"))
        return Response(status=status, headers=headers, body=page, by_gateway=True)

    @classmethod
    def _headers(cls, answer: dict[str, Any]) -> Headers:
        """The form that the target group is set to; the other one is not read."""
        return answers.many(answer) if cls.multi_value else answers.single(answer)


class MultiValueLoadBalancer(LoadBalancer):
    """The same with `lambda.multi_value_headers.enabled`: headers and parameters are lists, in both directions."""

    name = "alb-multi-value"
    multi_value = True


def _reason(answer: dict[str, Any]) -> str | None:
    description = answer.get("statusDescription") or ""
    if not isinstance(description, str) or "\n" in description or "\r" in description:
        raise answers.Malformed("statusDescription is no line of text")
    return description.partition(" ")[2] or None


def _bounded(headers: Headers) -> Headers:
    if (size := sum(map(field_bytes, headers))) > limits.ALB_ANSWER_HEADERS_BYTES:
        raise answers.Malformed(f"headers of {size} bytes, {limits.ALB_ANSWER_HEADERS_BYTES} at most")
    return headers
