"""Values as bytes that are data and nothing else: whoever can write to Valkey cannot run code here.

The first byte says how to read the rest. Integers stay digits, which INCR counts up.

- ``s`` text, ``b`` bytes: as they are
- ``j`` JSON: None, bool, float, lists and dicts of them
- ``t`` JSON with members that JSON has no form for: dates, times, durations, Decimal, UUID, bytes
- ``p`` a page, an HttpResponse
"""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from http.cookies import CookieError
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django_redis.serializers.base import BaseSerializer

from serverless.cache import pages
from serverless.cache.exceptions import NotData, Unreadable

__all__ = ["DataSerializer"]

# Whatever a reader raises for bytes that are not its own.
_FOREIGN: Final = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, CookieError)
# No name of a member of anybody's begins with it.
_MARK: Final = "\0"
_TYPES: Final[dict[str, tuple[type, Callable[[Any], object], Callable[[Any], object]]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),  # before date: it is one
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "timedelta": (
        timedelta,
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda parts: timedelta(days=parts[0], seconds=parts[1], microseconds=parts[2]),
    ),
    "Decimal": (Decimal, str, Decimal),
    "UUID": (UUID, str, UUID),
    "bytes": (bytes, lambda value: base64.b85encode(value).decode(), base64.b85decode),
}


class DataSerializer(BaseSerializer):  # type: ignore[misc] # django-redis has no types
    """What comes back equals what was put in; what could not is refused when it is put in."""

    def dumps(self, value: Any) -> bytes:
        """Return the value's bytes. Raises NotData."""
        if isinstance(value, str):
            return b"s" + _encoded(value)
        if isinstance(value, bytes):
            return b"b" + value
        if isinstance(value, HttpResponse):
            return b"p" + pages.dumps(value, _checked)
        return _checked(value)

    def loads(self, value: bytes) -> Any:
        """Return the value. Raises Unreadable."""
        try:
            return _read(value)
        except _FOREIGN as error:
            raise Unreadable("Something else than this serializer has written this value.") from error


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotData("A cache keeps text, and half of a surrogate pair is none.") from error


def _checked(value: object) -> bytes:
    """JSON, read again at once: what tuples and keys that are no strings become is seen here, not by a visitor."""
    typed: list[object] = []

    def default(member: object) -> dict[str, object]:
        for name, (kind, write, _) in _TYPES.items():
            if isinstance(member, kind):
                typed.append(member)
                return {_MARK + name: write(member)}
        raise NotData(f"A cache keeps data, and {type(member).__name__} is none: keep what it is made of.")

    try:
        text = json.dumps(value, default=default, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        written = (b"t" if typed else b"j") + text.encode()
    except ValueError as error:  # NaN, a circle, half a surrogate pair
        raise NotData(f"A cache keeps what JSON can say: {error}.") from error
    if _read(written) != value:
        raise NotData(
            "A cache keeps JSON, and this value would come back as another: a tuple as a list, a key that is no string "
            "as one. Convert it first."
        )
    return written


def _read(written: bytes) -> Any:
    return _READERS[written[:1]](written)


def _revive(members: dict[str, Any]) -> object:
    if len(members) == 1:
        ((name, value),) = members.items()
        if name[:1] == _MARK:
            return _TYPES[name[1:]][2](value)
    return members


_READERS: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b"s": lambda written: written[1:].decode(),
    b"b": lambda written: written[1:],
    b"j": lambda written: json.loads(written[1:]),
    b"t": lambda written: json.loads(written[1:], object_hook=_revive),
    b"p": lambda written: pages.loads(written, _read),
}
