"""What passes between the adapter's parts: who asks, and what is answered."""

from dataclasses import dataclass

__all__ = ["Response", "Viewer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks, where CloudFront is known to have said so; None where the event itself must do."""

    host: str | None
    address: str | None
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response before an event source's rules: headers in order, repeats kept, the body as it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
