"""System checks: what would make a cache slow, endless or a way in."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from serverless.cache.address import Address

__all__ = ["check_caches", "check_deployed_caches"]

OURS: Final = "serverless.cache.backend.ValkeyCache"
_PICKLING: Final = ("django_redis.cache.", "django.core.cache.backends.redis.")
_OF_A_PROCESS: Final = ("django.core.cache.backends.locmem.", "django.core.cache.backends.filebased.")
# API Gateway waits 29 s, and a page that waits this long for its cache was better off without one.
_LONGEST_WAIT_S: Final = 2.0
_WAITS: Final = ("SOCKET_CONNECT_TIMEOUT", "SOCKET_TIMEOUT")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@register(Tags.caches)
def check_caches(**_: object) -> list[CheckMessage]:
    """Look at each alias of CACHES by itself."""
    return [message for alias, cache in settings.CACHES.items() for message in _check(alias, cache)]


@register(Tags.caches, deploy=True)
def check_deployed_caches(**_: object) -> list[CheckMessage]:
    """Look at what only matters on AWS: TLS, waits, caches of one environment, sessions kept nowhere else."""
    return [
        *(message for alias, cache in settings.CACHES.items() for message in _check_deployed(alias, cache)),
        *_check_sessions(),
    ]


def _check(alias: str, cache: Mapping[str, Any]) -> Iterator[CheckMessage]:
    backend, name = str(cache.get("BACKEND", "")), f"CACHES[{alias!r}]"
    options = cache.get("OPTIONS") or {}
    if backend.startswith(_PICKLING) and "json" not in str(options.get("SERIALIZER", "")).lower():
        yield Error(
            f"{name} unpickles what it reads: whoever can write to Valkey runs code in every function.",
            hint=f"Use {OURS}, which keeps data alone.",
            id="valkey.E001",
        )
    elif backend.startswith(_PICKLING):
        yield CheckWarning(
            f"{name} waits for a frozen Valkey in every call, and fails in cluster mode.",
            hint=f"Use {OURS}.",
            id="valkey.W002",
        )
    if not backend.startswith((OURS, *_PICKLING)):
        return
    if "TIMEOUT" in cache and cache["TIMEOUT"] is None:
        yield Error(
            f"{name} keeps what has no end: a full Valkey has nothing to forget, and refuses to write.",
            hint="Set TIMEOUT to a number of seconds.",
            id="valkey.E003",
        )
    if backend == OURS:
        yield from _check_ours(name, cache)


def _check_ours(name: str, cache: Mapping[str, Any]) -> Iterator[CheckMessage]:
    try:
        Address.parse(cache.get("LOCATION"))
    except ImproperlyConfigured as error:
        yield Error(f"{name}: {error}", hint="See docs/how-to/cache.md.", id="valkey.E004")


def _check_deployed(alias: str, cache: Mapping[str, Any]) -> Iterator[CheckMessage]:
    backend, name = str(cache.get("BACKEND", "")), f"CACHES[{alias!r}]"
    if backend.startswith((OURS, *_PICKLING)):
        parts = urlsplit(str(cache.get("LOCATION", "")))
        if parts.scheme in {"redis", "valkey"} and parts.hostname not in _LOOPBACK:
            yield CheckWarning(
                f"{name} speaks to Valkey without TLS: sessions and limits can be read and changed on the way.",
                hint="Let CACHE_URL begin with rediss://.",
                id="valkey.W006",
            )
    if backend == OURS:
        yield from _check_waits(name, cache.get("OPTIONS") or {})
    if backend.startswith(_OF_A_PROCESS):
        yield CheckWarning(
            f"{name} is a cache of one execution environment: limits count in each anew, and deleted keys live on.",
            hint=f"Use {OURS}.",
            id="valkey.W007",
        )


def _check_waits(name: str, options: Mapping[str, Any]) -> Iterator[CheckMessage]:
    for option in _WAITS:
        seconds = options.get(option, 0)
        if not isinstance(seconds, int | float) or seconds > _LONGEST_WAIT_S:
            yield CheckWarning(
                f"{name}['OPTIONS'][{option!r}] lets a request wait longer than {_LONGEST_WAIT_S:g} s for its cache.",
                hint="Valkey inside a VPC answers in a millisecond; leave the option out.",
                id="valkey.W005",
            )


def _check_sessions() -> Iterator[CheckMessage]:
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.cache":
        yield CheckWarning(
            "Sessions are in the cache alone: when Valkey is restarted or full, everybody is signed out.",
            hint='Set SESSION_ENGINE to "django.contrib.sessions.backends.cached_db".',
            id="valkey.W008",
        )
