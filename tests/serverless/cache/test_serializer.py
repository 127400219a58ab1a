import enum
from collections import namedtuple
from typing import Any

import pytest
from django.utils.safestring import SafeString, mark_safe

from serverless.cache.exceptions import NotData, Unreadable
from serverless.cache.serializer import DataSerializer

Pair = namedtuple("Pair", "a b")


class Colour(enum.Enum):
    RED = 1


@pytest.fixture
def serializer() -> DataSerializer:
    return DataSerializer({})


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


AMBIGUOUS = {"\0datetime": "2026-01-02T00:00:00"}


@pytest.mark.parametrize(
    "value",
    [
        (1, 2), [(1,)], {1: "a"}, {None: 1}, {True: 1}, {1, 2}, object(), Colour.RED, Pair(1, 2), float("nan"),
        float("inf"), {"a": float("nan")}, CIRCLE, "\ud800", ["\ud800"], lambda: 1, [AMBIGUOUS, b"and bytes"], 1j,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_would_come_back_as_something_else_is_refused(serializer: DataSerializer, value: object) -> None:
    with pytest.raises(NotData, match="A cache keeps"):
        serializer.dumps(value)


def test_alone_it_is_plain_json(serializer: DataSerializer) -> None:
    assert serializer.loads(serializer.dumps(AMBIGUOUS)) == AMBIGUOUS


def test_safe_text_is_not_safe_any_more(serializer: DataSerializer) -> None:
    """Whoever can write to Valkey could have put it there: marking it is the reader's decision."""
    assert not isinstance(serializer.loads(serializer.dumps(mark_safe("<b>"))), SafeString)


@pytest.mark.parametrize(
    "written",
    [
        b"", b"\x80\x04N.", b"j", b"j{", b"s\xff", b"z1", b"j" + b"[" * 100_000,
        b"p{}", b"p\n", b"p[]\n", b"p[999,null,null,{},[],{}]\n", b'p[200,null,null,{"a":"b\\nc"},[],{}]\n',
        b'p[200,null,null,{},[],{"close":"j1"}]\n', b'p[200,null,null,{},[],{"x":"z"}]\n',
        b'p[200,null,null,{},[],{"_resource_closers":"j[1]"}]\n', b"p[200,null,null,{},[1],{}]\n",
        b't{"\\u0000UUID":1}', b't{"\\u0000Decimal":"x"}', b't{"\\u0000timedelta":[1]}',
        b't{"\\u0000datetime":"x"}', b't{"\\u0000nothing":"x"}',
    ],
    ids=lambda written: repr(written[:40]),
)  # fmt: skip
def test_what_others_have_written_is_unreadable(serializer: DataSerializer, written: bytes) -> None:
    with pytest.raises(Unreadable):
        serializer.loads(written)
