"""The corpus through the emulator's own front doors: their events are the builders', and their answers gunicorn's."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from serverless.emulator.gateway import GATEWAYS, Gateway
from serverless.emulator.messages import Request, Response, end_to_end
from tests.conformance.case import HOST, Answer, Case, Headers
from tests.conformance.cases import cases
from tests.conformance.compare import compared
from tests.conformance.losses import Refused
from tests.conformance.reference import Gunicorn, gunicorn
from tests.conformance.shapes import CLIENT, SHAPES, Shape, sent_headers
from tests.serverless.emulator.support import function_config, running

_SHAPES = {shape.name: shape for shape in SHAPES}
BEHIND = {
    "http-api": _SHAPES["http-v2"],
    "rest-api": _SHAPES["http-v1"],
    "alb": _SHAPES["alb"],
    "alb-multi-value": _SHAPES["alb-multi-value"],
    "function-url": _SHAPES["function-url"],
}
SECRET = "corpus"
TRACE = "X-Amzn-Trace-Id"
# Each front door's own, and each request's.
_OWN_HEADERS = {"host", "x-forwarded-port", TRACE.lower()}
_OWN_CONTEXT = {"apiId", "domainName", "domainPrefix", "requestId", "time", "timeEpoch", "requestTimeEpoch"}
_ADDED = {"X-Forwarded-For", "X-Forwarded-Proto", TRACE}
_ADDED_TO_ANSWERS = {"apigw-requestid", "x-amzn-requestid", "x-amzn-remapped-content-length"}


def asked(shape: Shape) -> Iterator[Case]:
    """The cases that reach a front door behind CloudFront: by https, and without a mount, which its URLs lack."""
    return (case for case in cases() if not case.mount and case.scheme == "https" and shape.carries(case))


def request(case: Case, *more: tuple[str, str]) -> Request:
    claimed = tuple(pair for pair in case.headers if pair[0] == "X-Forwarded-For")
    headers: Headers = tuple(pair for pair in sent_headers(case) if pair[0] not in _ADDED)
    target = f"{case.path}?{case.query}" if case.query else case.path
    return Request(
        method=case.method,
        target=target,
        headers=(*headers, *claimed, *more),
        body=case.body or b"",
        address=CLIENT,
    )


def own_left_out(event: Mapping[str, Any]) -> dict[str, Any]:
    left: dict[str, Any] = json.loads(json.dumps(event))
    context = left["requestContext"]
    left["requestContext"] = {name: value for name, value in context.items() if name not in _OWN_CONTEXT}
    for form in ("headers", "multiValueHeaders"):
        if left.get(form):
            left[form] = {name: value for name, value in left[form].items() if name.lower() not in _OWN_HEADERS}
    return left


@pytest.mark.parametrize("name", GATEWAYS)
def test_every_event_is_the_builders(name: str) -> None:
    shape, gateway = BEHIND[name], GATEWAYS[name]
    for case in asked(shape):
        sent = replace(case, headers=end_to_end(case.headers))
        # What stands behind CloudFront's own stage is asked for by the API's own name.
        sent = replace(sent, mount="/live", stage=True) if name == "rest-api" else sent
        try:
            built = shape.event(sent)
        except ValueError:
            with pytest.raises(ValueError, match="refuses the path"):
                gateway.event(request(case), request_id="r")
        else:
            assert own_left_out(gateway.event(request(case), request_id="r")) == own_left_out(built), case.name


@pytest.fixture(scope="module")
def reference() -> Iterator[Gunicorn]:
    with gunicorn() as server:
        yield server


@pytest.mark.parametrize("name", GATEWAYS)
def test_every_answer_equals_gunicorns(name: str, reference: Gunicorn) -> None:
    found = asyncio.run(_differences(name, reference))
    assert not found, found[:5]


async def _differences(name: str, reference: Gunicorn) -> list[str]:
    config = replace(function_config(""), handler="tests.conformance.project.function.handler")
    environ = {"DJANGO_SETTINGS_MODULE": "tests.conformance.project.settings"}
    found: list[str] = []
    chosen = list(asked(BEHIND[name]))
    assert len(chosen) > 500
    async with running(config, environ=environ) as function:
        gateway = GATEWAYS[name](function, log=found.append)
        for case in chosen:
            found += await _compare(gateway, BEHIND[name], case, reference)
    return found


async def _compare(gateway: Gateway, shape: Shape, case: Case, reference: Gunicorn) -> list[str]:
    try:
        expected = shape.receives(reference.ask(shape.leaves(case)))
    except Refused:
        return []
    stated = (
        ("x-origin-secret", SECRET),
        ("x-viewer-host", case.header("host") or HOST),
        ("x-viewer-address", CLIENT),
        ("cloudfront-forwarded-proto", case.scheme),
    )
    given = _received(await gateway.handle(request(case, *stated)), typed="content-type" in dict(expected.headers))
    fields = compared(case, expected, given)
    return [
        f"{case.category} · {case.name}: {field}: {theirs!r} {ours!r}"
        for field, (theirs, ours) in fields.items()
        if theirs != ours
    ]


def _received(response: Response, *, typed: bool) -> Answer:
    """The answer, without what the front door adds, a Content-Type among it where the function gave none."""
    added = _ADDED_TO_ANSWERS if typed else _ADDED_TO_ANSWERS | {"content-type"}
    pairs = ((name.lower(), value) for name, value in response.headers)
    headers = tuple(pair for pair in pairs if pair[0] not in added)
    return Answer(status=response.status, reason=response.reason, headers=headers, body=_seen(response.body))


def _seen(body: bytes) -> bytes:
    """What the view says it saw, as if the trace were the reference's, and without the port that none else forwards."""
    if b'"path_info"' not in body:
        return body
    said = json.loads(body)
    del said["headers"]["X-Forwarded-Port"]
    said["headers"][TRACE] = "Root=1-67891233-abc"
    return json.dumps(said).encode()
