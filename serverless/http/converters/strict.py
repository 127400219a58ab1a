"""Reads of an event that refuse what is of another type, where Python would silently make something of it.

All raise TypeError.
"""

from collections.abc import Iterator, Mapping, Sequence

__all__ = ["join", "joined", "mapping", "name", "pairs", "text"]

type _Lists = Mapping[str, Sequence[str]] | None


def text(value: str | None) -> str:
    """Return a text that may be absent; the adapter looks at its type."""
    return "" if value is None else value


def name(value: str) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise TypeError("a name is empty, or no text")
    return value


def mapping[Value](value: Mapping[str, Value] | None) -> Mapping[str, Value]:
    """Return an object that may be absent."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"an object is a {type(value).__name__}")
    return value


def joined(values: Sequence[str], separator: str) -> str:
    """Return the texts of a list as one. A text would be taken for a list of its letters."""
    listed = _listed(values)
    return listed[0] if len(listed) == 1 else separator.join(listed)


def join(many: _Lists) -> dict[str, str]:
    """Return one value a name, in lower case: repeats joined as RFC 9110 (5.3) says, cookies as RFC 9113 (8.2.3)."""
    headers: dict[str, str] = {}
    for given, values in mapping(many).items():
        lower = given.lower()
        separator = "; " if lower == "cookie" else ","
        value = joined(values, separator)
        headers[lower] = headers[lower] + separator + value if lower in headers else value
    return headers


def pairs(many: _Lists) -> Iterator[tuple[str, str]]:
    """Yield names with each of their values."""
    for key, values in mapping(many).items():
        for value in _listed(values):
            if not isinstance(value, str):
                raise TypeError(f"a value is a {type(value).__name__}")
            yield key, value


def _listed(values: Sequence[str]) -> Sequence[str]:
    if not isinstance(values, list):
        raise TypeError(f"a list is a {type(values).__name__}")
    return values
