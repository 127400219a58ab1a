"""What a body of the largest size takes: 4 times its own at most, the event's and the answer's JSON included.

On the way out the measure is the body as the answer carries it: the JSON of base64 alone, which the runtime client
makes in two copies, is 4 times what was encoded.
"""

import gc
import json
import os
import tracemalloc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.core.handlers.wsgi import WSGIRequest
from pytest_django.fixtures import Settings

from serverless.events.types import HttpV2Event
from serverless.http import Adapter
from serverless.http.converters import v2
from tests.serverless.http.shapes import SHAPES
from tests.serverless.http.wsgi import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST = 6 * 1024 * 1024
MOST = 4.0


@pytest.fixture
def peak() -> Callable[[Callable[[], object]], int]:
    """Run something and return the most bytes that Python held at once for it."""

    def measure(call: Callable[[], object]) -> int:
        gc.collect()
        tracemalloc.start()
        try:
            call()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure


def reads(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    assert len(WSGIRequest(environ).body) == int(environ["CONTENT_LENGTH"])
    start_response("204 No Content", [])
    return []


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream"])
def test_a_body_that_comes_in(peak: Callable[[Callable[[], object]], int], settings: Settings, kind: str) -> None:
    encoded = kind != "text/plain"
    size = LARGEST * 3 // 4 if encoded else LARGEST
    body = os.urandom(size // 2).hex().encode()
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST
    event = SHAPES["http-v2"].build(method="POST", headers=[("content-type", kind)], body=body)
    assert event["isBase64Encoded"] is encoded
    payload = json.dumps(event)
    del event

    def respond() -> None:
        """From the text that Lambda hands over."""
        arrived: dict[str, Any] = json.loads(payload)
        answer = answered(arrived)
        assert answer["statusCode"] == 204

    assert peak(respond) <= MOST * len(body)


def answered(event: dict[str, Any]) -> dict[str, Any]:
    return dict(Adapter(WSGI(reads)).respond(cast("HttpV2Event", event), v2))


@pytest.mark.parametrize("kind", ["text/plain", "image/png"])
def test_a_body_that_goes_out(peak: Callable[[Callable[[], object]], int], kind: str) -> None:
    size = (LARGEST - 1024) * 3 // 4 if kind == "image/png" else LARGEST - 1024
    made = os.urandom(size // 2).hex().encode()

    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [("Content-Type", kind)])
        return [bytes(bytearray(made))]  # a body of its own, as a view makes it

    def respond() -> None:
        """To the text that Lambda takes back."""
        answer = SHAPES["http-v2"].ask(WSGI(application))
        assert answer["statusCode"] == 200
        json.dumps(answer, ensure_ascii=False).encode()

    assert peak(respond) <= MOST * LARGEST
