"""Events made up by hypothesis: valid ones arrive as they are, broken ones are refused, and nothing raises.

Each example is one request in every event shape, whole and then broken in one place after the other. `make soak` runs
more of them.
"""

import copy
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serverless.events import UnknownEvent, kind
from serverless.http import Adapter
from tests.serverless.http.schemas import SCHEMAS
from tests.serverless.http.shapes import SHAPES
from tests.serverless.http.wsgi import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Of 5 shapes, whole and broken in 9 places: 20,000 events.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "400"))
BREAKS = 9

TOKEN = st.text("abcdefghijklmnopqrstuvwxyz-0123456789_!#", min_size=1, max_size=12)
VALUE = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=20)
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("\r\nx-a: 1"), st.just("%%%"),
    st.just("YQ"), st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    raw = draw(st.text(st.characters(codec="ascii", exclude_characters="?#\0\r\n %", exclude_categories=["Cc"])))
    return {
        "method": draw(st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])),
        "raw_path": f"/{raw}",
        "raw_query": draw(st.text("abc=&%20;+", max_size=12)),
        "headers": [("host", "photos.example"), *draw(st.lists(st.tuples(TOKEN, VALUE), max_size=6))],
        "body": draw(st.one_of(st.none(), st.binary(max_size=40))),
    }


class Seen:
    """The environ that reached the application, if one did; checked by the standard library's own validator."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] | None = None
        self.body = b""
        self.adapter = Adapter(WSGI(validator(self._application)))

    def _application(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        self.environ = environ
        self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", 0)))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"seen"])

    def ask(self, event: Any, converter: Any) -> int | None:
        """Return the status, or None where the event is no request at all."""
        self.environ, self.body = None, b""
        try:
            kind(event)
        except UnknownEvent:
            return None
        answer = self.adapter.respond(event, converter)
        json.dumps(answer)
        status: int = answer["statusCode"]
        return status


SEEN = Seen()


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where something can be changed: every key and every item, at every depth."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield (*path, key)
        yield from places(below, (*path, key))


def broken(event: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Return the event with one place deleted, or replaced by something else."""
    changed = copy.deepcopy(event)
    *parents, last = data.draw(st.sampled_from(list(places(changed))))
    place: Any = changed
    for key in parents:
        place = place[key]
    if data.draw(st.booleans()):
        del place[last]
    else:
        place[last] = data.draw(JUNK)
    return changed


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@pytest.mark.parametrize("name", SHAPES)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(request=requests(), data=st.data())
def test_events(name: str, request: dict[str, Any], data: st.DataObject) -> None:
    shape, schema = SHAPES[name], SCHEMAS[name]
    event = shape.build(**request)
    assert SEEN.ask(event, shape.converter) == 200
    _arrived(request)
    for _ in range(BREAKS):
        changed = broken(event, data)
        status = SEEN.ask(changed, shape.converter)
        assert status in {None, 200, 400}
        assert (SEEN.environ is not None) == (status == 200)
        if not schema.is_valid(changed):
            assert status != 200, changed


def _arrived(request: dict[str, Any]) -> None:
    assert SEEN.environ is not None
    assert SEEN.environ["REQUEST_METHOD"] == request["method"]
    assert SEEN.environ["PATH_INFO"] == request["raw_path"]
    assert SEEN.body == (request["body"] or b"")


def test_the_schemas_take_what_aws_documents() -> None:
    for name, shape in SHAPES.items():
        SCHEMAS[name].validate(shape.build(raw_path="/a", raw_query="b=c", headers=[("cookie", "d=e")], body=b"\xff"))
