"""Response headers in the forms that event sources take, names in lower case."""

from collections.abc import Sequence

__all__ = ["lists", "single"]

type Pairs = Sequence[tuple[str, str]]


def single(pairs: Pairs) -> tuple[dict[str, str], list[str]]:
    """Return the headers, repeats joined with commas, and apart from them each Set-Cookie, which must not be joined."""
    names = {given.lower(): value for given, value in pairs}
    cookies: list[str] = []
    if len(names) == len(pairs) and "set-cookie" not in names:  # most responses, in a third of the time
        return names, cookies
    names = {}
    for given, value in pairs:
        name = given.lower()
        if name == "set-cookie":
            cookies.append(value)
        else:
            names[name] = f"{names[name]}, {value}" if name in names else value
    return names, cookies


def lists(pairs: Pairs) -> dict[str, list[str]]:
    """Return the headers, each with all its values in order."""
    names: dict[str, list[str]] = {}
    for given, value in pairs:
        names.setdefault(given.lower(), []).append(value)
    return names
