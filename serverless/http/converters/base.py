"""What a converter does: an event to a request, a response to the event source's answer."""

from typing import Protocol

from serverless.http.limits import Limits
from serverless.http.messages import Request, Response

__all__ = ["Converter"]


class Converter[Event, Answer](Protocol):
    """Implemented by modules: the functions hold no state."""

    LIMITS: Limits
    """What the event source carries."""

    def request(self, event: Event, /) -> Request:
        """Return the request, as exact as the event allows; docs/reference/events.md lists what it does not.

        What an event lacks or holds in another type surfaces as KeyError, TypeError, AttributeError or ValueError.
        """

    def answer(self, response: Response, event: Event, /) -> Answer:
        """Return what the event source that sent ``event`` turns into ``response``."""
