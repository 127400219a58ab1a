"""AWS's side: what each front door makes of a request, and of what the function returns."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.client import responses
from typing import Any

from serverless.events import build
from tests.conformance.case import HOST, Answer, Case, Headers
from tests.conformance.losses import LOSSES, Loss

__all__ = ["SHAPES", "Malformed", "Shape"]

CLIENT = "127.0.0.1"


class Malformed(Exception):
    """The function returned what its front door answers with an error of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    name: str
    event: Callable[[Case], Mapping[str, Any]]
    answer: Callable[[dict[str, Any]], Answer]
    has_stages: bool = False
    """Whether a stage or a base path may stand before the path."""
    has_http: bool = False
    """Whether requests arrive without TLS."""

    @property
    def losses(self) -> tuple[Loss, ...]:
        return LOSSES[self.name]

    def carries(self, case: Case) -> bool:
        return (self.has_stages or not case.mount) and (self.has_http or case.scheme == "https")

    def leaves(self, case: Case) -> Case:
        """Return what is left of ``case`` on its way into an event. Raises Refused."""
        case = replace(case, headers=sent_headers(case))
        for loss in self.losses:
            case = loss.request(case) if loss.request else case
        return case

    def receives(self, answer: Answer, more: tuple[Loss, ...] = ()) -> Answer:
        """Return what is left of gunicorn's ``answer`` behind this front door, and after ``more`` losses."""
        for loss in (*more, *self.losses):
            answer = loss.answer(answer) if loss.answer else answer
        return answer


def sent_headers(case: Case) -> Headers:
    """Return the headers that reach the function: the client's, and those that every front door adds."""
    host = () if case.header("host") else (("Host", build_host(case)),)
    length = () if case.body is None else (("Content-Length", str(len(case.body))),)
    # Whoever is in front adds the address that it saw to what it was told.
    claimed = [value for name, value in case.headers if name == "X-Forwarded-For"]
    added = (
        ("X-Forwarded-For", ", ".join([*claimed, CLIENT])),
        ("X-Forwarded-Proto", case.scheme),
        ("X-Amzn-Trace-Id", "Root=1-67891233-abc"),
    )
    # HTTP takes the space around a value for none of it: RFC 9110, section 5.5.
    given = ((name, value.strip()) for name, value in case.headers if name != "X-Forwarded-For")
    return (*host, *given, *length, *added)


def build_host(case: Case) -> str:
    return "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" if case.stage else HOST


def _common(case: Case) -> dict[str, Any]:
    return {
        "method": case.method,
        "raw_path": case.path,
        "raw_query": case.query,
        "headers": sent_headers(case),
        "body": case.body,
    }


def _http_v2(case: Case) -> Mapping[str, Any]:
    common = _common(case) | {"raw_path": build.http_api_path(case.path)}
    if case.stage:
        return build.http_v2(**common, stage=case.mount.strip("/"))
    return build.http_v2(**common, domain_name=HOST, stage="live" if case.mount else "$default")


def _http_v1(case: Case) -> Mapping[str, Any]:
    if case.stage:
        return build.http_v1(**_common(case), stage=case.mount.strip("/"))
    return build.http_v1(**_common(case), domain_name=HOST, base_path=case.mount)


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise Malformed(f"a body that is a JSON {type(body).__name__}")
    try:
        return base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    except ValueError as broken:
        raise Malformed(str(broken)) from None


def _status(answer: dict[str, Any]) -> int:
    try:
        return int(answer["statusCode"])
    except (KeyError, TypeError, ValueError):
        raise Malformed("no statusCode") from None


def _payload_2(answer: dict[str, Any]) -> Answer:
    headers = [(name.lower(), str(value)) for name, value in (answer.get("headers") or {}).items()]
    headers += [("set-cookie", cookie) for cookie in answer.get("cookies") or ()]
    return Answer(status=_status(answer), reason=None, headers=tuple(headers), body=_body(answer))


def _lists(answer: dict[str, Any]) -> list[tuple[str, str]]:
    many = answer.get("multiValueHeaders") or {}
    return [(name.lower(), str(value)) for name, values in many.items() for value in values]


def _v1_answer(answer: dict[str, Any]) -> Answer:
    # Both forms are merged; a pair in both counts once.
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    headers = _lists(answer)
    for name, value in (answer.get("headers") or {}).items():
        if (name.lower(), str(value)) not in headers:
            headers.append((name.lower(), str(value)))
    return Answer(status=_status(answer), reason=None, headers=_remap(headers), body=_body(answer))


def _remap(headers: list[tuple[str, str]]) -> Headers:
    moved = "www-authenticate"
    return tuple((f"x-amzn-remapped-{name}" if name == moved else name, value) for name, value in headers)


def _alb_answer(multi_value: bool) -> Callable[[dict[str, Any]], Answer]:
    def parse(answer: dict[str, Any]) -> Answer:
        single = [(name.lower(), str(value)) for name, value in (answer.get("headers") or {}).items()]
        status = _status(answer)
        # Where AWS's documents ask for a description and none comes, the balancer sends the status' own.
        reason = (answer.get("statusDescription") or f"{status} {responses.get(status, '')}").partition(" ")[2]
        headers = _lists(answer) if multi_value else single  # the other form is not read
        return Answer(status=status, reason=reason, headers=tuple(headers), body=_body(answer))

    return parse


SHAPES: tuple[Shape, ...] = (
    Shape(name="http-v2", event=_http_v2, answer=_payload_2, has_stages=True),
    Shape(name="function-url", event=lambda case: build.function_url(**_common(case)), answer=_payload_2),
    Shape(name="http-v1", event=_http_v1, answer=_v1_answer, has_stages=True),
    Shape(name="alb", event=lambda case: build.alb(**_common(case)), answer=_alb_answer(False), has_http=True),
    Shape(
        name="alb-multi-value",
        event=lambda case: build.alb(**_common(case), multi_value=True),
        answer=_alb_answer(True),
        has_http=True,
    ),
)
