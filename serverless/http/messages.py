"""What passes between the adapter's parts: what is asked, who asks, and what is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serverless.http.bodies import decode
from serverless.http.exceptions import MalformedEvent

__all__ = ["Request", "Response", "Viewer"]


# Not frozen, as results are elsewhere: each of these is made for every request, and frozen ones cost twice as much (a
# Request 1.8 us, a Response 0.8 us, of the 12 us that the adapter adds to an empty view).
@dataclass(slots=True, kw_only=True)
class Request:
    """An HTTP request after an event's rules, as exact as the event allows."""

    method: str
    path: bytes
    """Decoded, without ``mount``."""
    query: str
    """Percent-encoded: as sent where the event says so, rebuilt where it does not."""
    headers: Mapping[str, str]
    """Names in lower case, repeats joined."""
    text: str
    """The body as the event holds it; see ``body``."""
    is_base64: bool
    address: str
    """The other end of the connection to AWS."""
    domain: str = ""
    """The name that AWS was asked for, where the event knows it apart from the Host header."""
    scheme: str = "https"
    mount: str = ""
    """What stood before ``path`` in the URL: a stage or a base path, percent-decoded, or nothing."""

    def body(self) -> bytes:
        """Return the body's bytes. Raises MalformedEvent where it claims to be base64 and is not."""
        try:
            return decode(self.text) if self.is_base64 else self.text.encode()
        except ValueError as problem:
            raise MalformedEvent("The body is not what the event says: base64, or text.") from problem


@dataclass(slots=True, kw_only=True)
class Viewer:
    """Who asks, where CloudFront is known to have said so; None where the event itself must do."""

    host: str | None
    address: str | None
    scheme: str | None


@dataclass(slots=True, kw_only=True)
class Response:
    """An HTTP response before an event source's rules: headers in order, repeats kept, the body as it is sent."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    route: str | None = None
    """The pattern of the URL that was matched, for the log: no part of the path itself."""
