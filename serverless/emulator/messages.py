"""HTTP messages between the front doors, whatever server carries them."""

from dataclasses import dataclass

type Headers = tuple[tuple[str, str], ...]

# They describe one connection, so that no proxy passes them on: RFC 9110, section 7.6.1.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`target`: path and query exactly as sent. `headers`: names as sent, repeated ones repeated."""

    method: str
    target: str
    headers: Headers
    body: bytes
    address: str  # who is on the other end of the connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer. A repeated header (Set-Cookie) is repeated."""

    status: int
    headers: Headers
    body: bytes


def end_to_end(headers: Headers) -> Headers:
    """The headers without those that belong to one connection, the ones that Connection names included."""
    named = {
        word.strip().lower() for name, value in headers if name.lower() == "connection" for word in value.split(",")
    }
    return tuple((name, value) for name, value in headers if name.lower() not in HOP_BY_HOP | named)
