"""What every request is, whichever event it came in: looked at once, so that no view meets anything else."""

import re
from typing import Final

from serverless.http.exceptions import MalformedEvent
from serverless.http.messages import Request

__all__ = ["check"]

# RFC 9110, section 5.6.2: methods and header names.
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Names that have passed. A site sees some fifty; strangers can send any, so that only so many are kept.
_KNOWN: set[str] = {"GET", "HEAD", "POST"}
_MOST: Final = 512


def check(request: Request) -> None:
    """Raise MalformedEvent, which names the part and none of its content."""
    if not (
        type(request.method) is type(request.query) is type(request.text) is type(request.address) is str
        and type(request.domain) is type(request.mount) is str
        and type(request.is_base64) is bool
    ):
        raise MalformedEvent("The event holds text of another type.")
    if request.path[:1] != b"/" or request.mount[:1] not in {"", "/"}:
        raise MalformedEvent("The event's path does not begin with a slash.")
    if request.method not in _KNOWN or not _KNOWN.issuperset(request.headers):
        _check_tokens(request)
    try:
        values = "".join(request.headers.values())
    except TypeError:
        raise MalformedEvent("A header's value is not text.") from None
    # RFC 9110, section 5.5: what would end a header, or a text in C.
    if "\n" in values or "\r" in values or "\0" in values:
        raise MalformedEvent("A header's value holds a line break or a NUL.")


def _check_tokens(request: Request) -> None:
    for name in (request.method, *request.headers):
        if not (isinstance(name, str) and _TOKEN.fullmatch(name)):
            raise MalformedEvent("The method or the name of a header is no token.")
        if len(_KNOWN) < _MOST:
            _KNOWN.add(name)
