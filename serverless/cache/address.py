"""CACHE_URL: where Valkey is, and in which mode.

``redis://host:6379``, with TLS ``rediss://host:6379``; ``valkey://`` and ``valkeys://`` are the same. In cluster mode
``?cluster=true`` is added; ElastiCache Serverless speaks no other mode.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html
"""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

__all__ = ["Address"]

_TLS = {"redis": False, "valkey": False, "rediss": True, "valkeys": True}
_PORT = 6379


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server, or in cluster mode one that knows the others."""

    host: str
    port: int
    tls: bool
    cluster: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, location: object) -> "Address":
        """Read a LOCATION of CACHES. Raises ImproperlyConfigured; its message does not repeat what may be a secret."""
        try:
            parts = urlsplit(location) if isinstance(location, str) else SplitResult("", "", "", "", "")
            if parts.scheme not in _TLS or not parts.hostname:
                raise ValueError("is one URL that begins with redis:// or rediss://, and names a host")
            _no_database(parts)
            return cls(
                host=parts.hostname,
                port=parts.port or _PORT,
                tls=_TLS[parts.scheme],
                cluster=_cluster(parts.query),
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
            )
        except ValueError as error:
            own = str(error) if str(error).startswith(("is ", "has ")) else "has a port that is none"
            raise ImproperlyConfigured(f"A cache's LOCATION (CACHE_URL) {own}.") from None


def _no_database(parts: SplitResult) -> None:
    if parts.path not in {"", "/", "/0"}:
        raise ValueError(
            "has a database number: cluster mode has none but 0. Drop it, and tell projects apart by KEY_PREFIX"
        )


def _cluster(query: str) -> bool:
    """Whatever else redis-py reads there would win over the bounds that this package keeps."""
    given = parse_qs(query, keep_blank_values=True)
    if given.keys() - {"cluster"} or given.get("cluster", ["true"]) not in (["true"], ["false"]):
        raise ValueError("has a query other than cluster=true or cluster=false: the rest goes into OPTIONS")
    return given.get("cluster") == ["true"]
