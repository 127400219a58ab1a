"""One computes what many want, and the others take the last value meanwhile.

    html = get_or_compute(key, render, ttl=300, stale=3600)

A value is fresh for ``ttl`` seconds and kept for ``stale`` more. Its age is what Valkey says is left of its time, so
that no clock but Valkey's counts. Whoever finds it stale or gone asks for the key's lock, ``SET NX PX`` with a token of
its own: one gets it and computes; the others return the stale value at once, or where there is none wait for a new one.

Who computes may die, or be frozen for an hour. Its lock ends after ``lease`` seconds and the next one computes; should
it come back it finds another's token, or none, and its value is returned but not kept. The other way to avoid the
stampede, to recompute early at random (XFetch, https://www.vldb.org/pvldb/vol8/p886-vattani.pdf), needs no lock, but
bounds nothing: not the number that computes on a cold key, which every new version of a gallery is.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured

from serverless.cache.exceptions import Away

if TYPE_CHECKING:
    # It imports redis-py, which takes its time; whoever has no cache of ours does without.
    from serverless.cache.lock import Fresh, Kept

__all__ = ["get_or_compute"]

logger = logging.getLogger(__name__)

# What a key's slot is made of, where it is not all of it: https://valkey.io/topics/cluster-spec/#hash-tags
_TAG: Final = re.compile(r"^[^{]*\{[^}]+\}")
# Seconds between looks for another's value: a gallery's page takes 50 ms and more.
_LOOK_S: Final = 0.03


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

    ``ttl`` seconds it is fresh, ``stale`` more it is shown while another computes. ``lease``: how long computing may
    take before another may try; ``patience``: how long to wait for another's value where there is none to show, before
    computing it here as well. A ``compute`` that fails while there is a stale value is logged, and tried again
    after the lease; otherwise its error is the caller's. Raises ValueError for times and keys that make no sense.
    """
    if ttl <= 0 or stale < 0 or lease <= 0 or patience < 0:
        raise ValueError("ttl and lease are seconds above 0; stale and patience are 0 or more.")
    if "}" in key and not _TAG.search(key):
        raise ValueError("A brace without its other half in a key keeps its lock from lying in the same slot.")
    fresh, token = _of(key, alias), secrets.token_hex(8)
    try:
        mine, kept = _find(fresh, token, stale=stale, lease=lease, patience=patience)
    except Away:
        return compute()
    if mine or kept is None:
        return _computed(fresh, compute, token, kept, seconds=ttl + stale)
    return cast("Value", kept.value)


def _find(fresh: "Fresh", token: str, *, stale: float, lease: float, patience: float) -> "tuple[bool, Kept | None]":
    """Return whether this one is to compute, and what there is to show; neither where patience is over."""
    kept = fresh.look()
    if kept is not None and kept.left > stale:
        return False, kept
    until = time.monotonic() + patience
    mine, kept = _take(fresh, token, stale=stale, lease=lease)
    while not mine and kept is None and time.monotonic() < until:
        time.sleep(_LOOK_S)
        mine, kept = _take(fresh, token, stale=stale, lease=lease)
    return mine, kept


def _take(fresh: "Fresh", token: str, *, stale: float, lease: float) -> "tuple[bool, Kept | None]":
    """Return whether this one is to compute, and what there is to show."""
    mine, kept = fresh.take(token, lease=lease)
    if mine and kept is not None and kept.left > stale:  # another has just done it
        _try(fresh.release, token)
        return False, kept
    return mine, kept


def _computed[Value](
    fresh: "Fresh", compute: Callable[[], Value], token: str, kept: "Kept | None", *, seconds: float
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
    except Away as error:
        logger.info("The cache does not answer: %s", error)  # the lock ends by itself


def _of(key: str, alias: str) -> "Fresh":
    cache = caches[alias]
    try:
        found: Fresh = cache.fresh(key)  # type: ignore[attr-defined] # ValkeyCache's alone
    except AttributeError:
        raise ImproperlyConfigured(
            f"get_or_compute needs locks: make CACHES[{alias!r}] a serverless.cache.backend.ValkeyCache."
        ) from None
    return found
