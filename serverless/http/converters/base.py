"""What a converter does: an event to a WSGI environ, a response to the event source's answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from serverless.http.messages import Response, Viewer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["Converter"]


class Converter[Event, Answer](Protocol):
    """Implemented by modules: the functions hold no state."""

    def headers(self, event: Event, /) -> Mapping[str, str]:
        """Return the request headers, names in lower case."""

    def method(self, event: Event, /) -> str: ...

    def environ(self, event: Event, viewer: Viewer, /) -> "WSGIEnvironment":
        """Return the environ of PEP 3333, as exact as the event allows."""

    def response(self, response: Response, /) -> Answer: ...
