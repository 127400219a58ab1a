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
    """One answer. A repeated header (Set-Cookie) is repeated. `by_gateway`: the front door's own, not the function's.

    `reason` is None where the front door has no other than the standard's.
    """

    status: int
    headers: Headers
    body: bytes
    reason: str | None = None
    by_gateway: bool = False


def end_to_end(headers: Headers) -> Headers:
    """The headers without those that belong to one connection, the ones that Connection names included."""
    named = {
        word.strip().lower() for name, value in headers if name.lower() == "connection" for word in value.split(",")
    }
    return tuple((name, value) for name, value in headers if name.lower() not in HOP_BY_HOP | named)


def line_bytes(request: Request) -> int:
    """The size of the request line."""
    return len(request.method) + len(request.target.encode("utf-8", "surrogateescape")) + len("  HTTP/1.1")


def value_bytes(headers: Headers) -> int:
    """The size of the headers' values together."""
    return sum(len(value.encode()) for _, value in headers)


def field_bytes(field: tuple[str, str]) -> int:
    """The size of one header on its line, without the line's end."""
    name, value = field
    return len(name) + len(": ") + len(value.encode())
