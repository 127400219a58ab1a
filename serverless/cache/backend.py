"""The backend that CACHES name.

::

    CACHES = {"default": {"BACKEND": "serverless.cache.backend.ValkeyCache", "LOCATION": os.environ["CACHE_URL"]}}

OPTIONS, in seconds: SOCKET_CONNECT_TIMEOUT and SOCKET_TIMEOUT (0.5), PAUSE (5), LONGEST_TIMEOUT (30 days).
"""

from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted

from serverless.cache.address import Address
from serverless.cache.breaker import PAUSE_S
from serverless.cache.lock import Fresh

__all__ = ["DEFAULTS", "ValkeyCache"]

DEFAULTS: Final[dict[str, float]] = {
    # Valkey inside a VPC answers in half a millisecond. Whoever waits longer than these waits in vain.
    "SOCKET_CONNECT_TIMEOUT": 0.5,
    "SOCKET_TIMEOUT": 0.5,
    # How long a server is left alone that did not answer.
    "PAUSE": PAUSE_S,
    # What timeout=None stands for: when Valkey is full, what nobody needs has to be gone.
    "LONGEST_TIMEOUT": 30 * 86_400,
}


class ValkeyCache(RedisCache):  # type: ignore[misc] # django-redis has no types
    """django-redis' backend. Without Valkey every read is a miss and every write is lost, and neither is an error."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        Address.parse(server)
        options = {
            **_known(params.get("OPTIONS") or {}),
            "CLIENT_CLASS": "serverless.cache.client.Client",
            "CONNECTION_FACTORY": "serverless.cache.factory.Factory",
            "SERIALIZER": "serverless.cache.serializer.DataSerializer",
            "IGNORE_EXCEPTIONS": True,
        }
        super().__init__(server, {**params, "OPTIONS": options})
        if self.default_timeout is None:
            raise ImproperlyConfigured("A cache's TIMEOUT is a number of seconds: every key has an end.")

    def get(self, key: str, default: Any = None, version: int | None = None, client: Any = None) -> Any:
        """Return the value, or ``default``."""
        try:
            return self.client.get(key, default, version, client)
        except ConnectionInterrupted:
            return default

    def fresh(self, key: str, *, version: int | None = None) -> Fresh:
        """Return what ``get_or_compute`` works with: the key's value, its age and its lock."""
        return Fresh(client=self.client, key=self.client.make_key(key, version))


def _known(options: dict[str, Any]) -> dict[str, float]:
    if unknown := sorted(options.keys() - DEFAULTS.keys()):
        raise ImproperlyConfigured(
            f"A cache's OPTIONS have unknown keys: {', '.join(unknown)}. Known keys: {', '.join(sorted(DEFAULTS))}."
        )
    for name, value in options.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise ImproperlyConfigured(f"A cache's OPTIONS[{name!r}] is a number of seconds above 0.")
    return DEFAULTS | options
