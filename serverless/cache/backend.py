"""The backend that CACHES name.

::

    CACHES = {"default": {"BACKEND": "serverless.cache.backend.ValkeyCache", "LOCATION": os.environ["CACHE_URL"]}}

OPTIONS, in seconds: SOCKET_CONNECT_TIMEOUT and SOCKET_TIMEOUT (0.5), PAUSE (5), LONGEST_TIMEOUT (30 days).
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
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


# The keys of django.utils.cache.
_PAGES: Final = "views.decorators.cache.cache_"
_HEADERS: Final = "views.decorators.cache.cache_header."
# Which page followed which headers: a guess, 300 bytes each.
_followers: Final[dict[tuple[str, int | None, str], str]] = {}
_FOLLOWERS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """What was asked for before Django did; ``found`` lacks it where there is none."""

    key: str
    version: int | None
    found: dict[str, Any]

    def is_for(self, key: str, version: int | None) -> bool:
        return key == self.key and version == self.version


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
        self._ahead: _Ahead | None = None
        self._page_of: tuple[str, int | None, str] | None = None
        super().__init__(server, {**params, "OPTIONS": options})
        if self.default_timeout is None:
            raise ImproperlyConfigured("A cache's TIMEOUT is a number of seconds: every key has an end.")

    @property
    def client(self) -> Any:
        """django-redis' client; what was read ahead is good for the next get() alone."""
        self._ahead = None
        return super().client

    def get(self, key: str, default: Any = None, version: int | None = None, client: Any = None) -> Any:
        """Return the value, or ``default``."""
        if (ahead := self._ahead) is not None and ahead.is_for(key, version):
            self._ahead = None
            return ahead.found.get(key, default)
        try:
            if client is None and key.startswith(_PAGES):
                return self._get_of_page(key, default, version)
            return self.client.get(key, default, version, client)
        except ConnectionInterrupted:
            return default

    def get_many(self, keys: Collection[str], version: int | None = None, **_: object) -> dict[str, Any]:
        """Return the values that there are. Each caller's own dict: django-redis has one for all who find no Valkey."""
        try:
            found: dict[str, Any] = self.client.get_many(keys, version)
        except ConnectionInterrupted:
            return {}
        return found

    def _get_of_page(self, key: str, default: Any, version: int | None) -> Any:
        """Django's cache_page asks which headers a page varies on, and then for the page: two round trips.

        The page's key is most often the one that followed last time, so both are asked for at once. Django still
        decides by the headers that Valkey has which page it is.
        """
        if not key.startswith(_HEADERS):
            if self._page_of is not None:
                if len(_followers) >= _FOLLOWERS:
                    _followers.clear()
                _followers[self._page_of] = key
                self._page_of = None
            return self.client.get(key, default, version)
        self._page_of = (self.key_prefix, version, key)
        if (follower := _followers.get(self._page_of)) is None:
            return self.client.get(key, default, version)
        found = self.client.get_many([key, follower], version)
        self._ahead = _Ahead(key=follower, version=version, found=found)
        return found.get(key, default)

    def close(self, **_: object) -> None:
        """Nothing: Django calls it after each request, and the connection is for the next one, too."""

    def fresh(self, key: str, *, version: int | None = None) -> Fresh:
        """Return what ``get_or_compute`` works with: the key's value, its age and its lock."""
        return Fresh(client=self.client, key=self.client.make_key(key, version))


def _known(options: dict[str, Any]) -> dict[str, float]:
    if unknown := sorted(options.keys() - DEFAULTS.keys()):
        raise ImproperlyConfigured(
            f"A cache's OPTIONS have unknown keys: {', '.join(unknown)}. Known keys: {', '.join(sorted(DEFAULTS))}."
        )
    for name, value in options.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise ImproperlyConfigured(f"A cache's OPTIONS[{name!r}] is a number of seconds above 0.")
    return DEFAULTS | options
