"""One computes what many want, and the others take the last value meanwhile.

    html = get_or_compute(key, render, ttl=300, stale=3600)

A value is fresh for ``ttl`` seconds and kept for ``stale`` more. Its age is what Valkey says is left of its time, so
that no clock but Valkey's counts. Whoever finds it stale or gone asks for the key's lock, ``SET NX PX`` with a token of
its own: one gets it and computes; the others return the stale value at once, or where there is none wait for the new one.

Who computes may die, or be frozen for an hour. Its lock ends after ``lease`` seconds and the next one computes; should
it come back it finds another's token, or none, and its value is returned but not kept. The other way to avoid the
stampede, to recompute early at random (XFetch, https://www.vldb.org/pvldb/vol8/p886-vattani.pdf), needs no lock, but
bounds nothing: not the number that computes on a cold key, which every new version of a gallery is.
"""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import RedisError

from serverless.cache.exceptions import Unreadable

__all__ = ["Fresh", "get_or_compute"]

logger = logging.getLogger(__name__)

# Seconds between looks for another's value: a gallery's page takes 50 ms and more.
_LOOK_S: Final = 0.03
# 1 and 2: the lock, the value. Kept only by who still has the lock.
_KEEP: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
"""
_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class _Client(Protocol):
    def valkey(self) -> Any: ...
    def encode(self, value: object) -> Any: ...
    def decode(self, value: bytes) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    value: Any
    left: float  # seconds until it is gone


@dataclass(frozen=True, slots=True)
class Fresh:
    """One key: its value, its age and its lock, each in one round trip. All raise redis-py's errors."""

    client: _Client
    key: str

    def look(self) -> _Kept | None:
        """Return the value and the seconds that are left of it; None where there is none."""
        value, left = self.client.valkey().together([("GET", self.key), ("PTTL", self.key)])
        for answer in (value, left):
            if isinstance(answer, RedisError):
                raise answer
        if value is None or left < 0:  # it may have ended between the two
            return None
        try:
            return _Kept(value=self.client.decode(value), left=left / 1000)
        except Unreadable:
            return None

    def take(self, token: str, *, lease: float) -> bool:
        """Take the lock for so many seconds; False where another has it."""
        taken = self.client.valkey().execute_command("SET", self._lock(), token, "NX", "PX", int(lease * 1000))
        return taken is not None and taken is not False

    def keep(self, token: str, value: object, *, seconds: float) -> None:
        """Keep the value and let go of the lock, unless it has become another's."""
        made = self.client.encode(value)
        self.client.valkey().execute_command("EVAL", _KEEP, 2, self._lock(), self.key, token, made, int(seconds * 1000))

    def release(self, token: str) -> None:
        self.client.valkey().execute_command("EVAL", _RELEASE, 1, self._lock(), token)

    def _lock(self) -> str:
        """Named such that it lies in its key's slot: https://valkey.io/topics/cluster-spec/#hash-tags"""
        start = self.key.find("{")
        end = self.key.find("}", start + 1) if start >= 0 else -1
        return f"{self.key}:lock" if end > start + 1 else f"{{{self.key}}}:lock"


def get_or_compute[Value](
    key: str,
    compute: Callable[[], Value],
    *,
    ttl: float,
    stale: float = 0,
    lease: float = 10,
    patience: float = 2,
    alias: str = "default",
) -> Value:
    """Return the value of ``key``, computed by one of all environments, and by this one where there is no cache.

    ``ttl`` seconds it is fresh, ``stale`` more seconds it is shown while another computes. ``lease``: how long computing
    may take before another may try; ``patience``: how long to wait for another's value where there is none to show,
    before computing it here as well. A ``compute`` that fails while there is a stale value is logged, and tried again
    after the lease; otherwise its error is the caller's. Raises ValueError for times and keys that make no sense.
    """
    if ttl <= 0 or stale < 0 or lease <= 0 or patience < 0:
        raise ValueError("ttl and lease are seconds above 0; stale and patience are 0 or more.")
    if "}" in key and "{" not in key:
        raise ValueError("A brace without its other half in a key keeps its lock from lying in the same slot.")
    fresh, token, kept = _of(key, alias), secrets.token_hex(8), None
    try:
        kept = fresh.look()
        if kept is not None and kept.left > stale:
            return cast("Value", kept.value)
        if not fresh.take(token, lease=lease):
            if kept is None:
                kept = _wait(fresh, token, lease=lease, patience=patience)
            if kept is not None:
                return cast("Value", kept.value)
    except RedisError:
        return compute() if kept is None else cast("Value", kept.value)
    return _computed(fresh, compute, token, kept, seconds=ttl + stale)


def _wait(fresh: Fresh, token: str, *, lease: float, patience: float) -> _Kept | None:
    """Return what another computes; None where that is over without a value, and this one is to compute."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        time.sleep(_LOOK_S)
        if (kept := fresh.look()) is not None:
            return kept
        if fresh.take(token, lease=lease):  # it has failed, or its lease is over
            return None
    return None


def _computed[Value](
    fresh: Fresh, compute: Callable[[], Value], token: str, kept: _Kept | None, *, seconds: float
) -> Value:
    try:
        value = compute()
    except Exception:
        if kept is None:
            _try(fresh.release, token)
            raise
        logger.exception("A value could not be computed anew. The last one is shown, and the next try is later.")
        return cast("Value", kept.value)
    except BaseException:  # the end of the request's time
        _try(fresh.release, token)
        raise
    _try(fresh.keep, token, value, seconds=seconds)
    return value


def _try(act: Callable[..., None], *args: object, **kwargs: object) -> None:
    try:
        act(*args, **kwargs)
    except RedisError as error:
        logger.info("The cache does not answer: %s", error)  # the lock ends by itself


def _of(key: str, alias: str) -> Fresh:
    cache = caches[alias]
    try:
        found: Fresh = cache.fresh(key)  # type: ignore[attr-defined] # ValkeyCache's alone
    except AttributeError:
        raise ImproperlyConfigured(
            f"get_or_compute needs locks: make CACHES[{alias!r}] a serverless.cache.backend.ValkeyCache."
        ) from None
    return found
