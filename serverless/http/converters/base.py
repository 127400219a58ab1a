"""What a converter does: an event to a WSGI environ, a response to the event source's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from serverless.http.origin import Viewer

__all__ = ["Converter", "Response"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response before an event source's rules: headers in order, repeats kept, the body as it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Converter[Event, Answer](Protocol):
    """Implemented by modules: the functions hold no state."""

    def headers(self, event: Event, /) -> Mapping[str, str]:
        """Return the request headers, names in lower case."""

    def method(self, event: Event, /) -> str: ...

    def environ(self, event: Event, viewer: "Viewer", /) -> "WSGIEnvironment":
        """Return the environ of PEP 3333, as exact as the event allows."""

    def response(self, response: Response, /) -> Answer: ...
