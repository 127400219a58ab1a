"""Request headers that arrive as lists."""

from collections.abc import Mapping, Sequence

__all__ = ["join"]


def join(many: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return one value a name, in lower case: repeats joined as RFC 9110 (5.3) says, cookies as RFC 9113 (8.2.3)."""
    joined: dict[str, str] = {}
    for given, values in many.items():
        name = given.lower()
        separator = "; " if name == "cookie" else ","
        value = values[0] if len(values) == 1 else separator.join(values)
        joined[name] = f"{joined[name]}{separator}{value}" if name in joined else value
    return joined
