"""Looks at each database, replica, cache and queue of the settings: one after the other, each for a bounded time.

| part | what is asked | at most |
|---|---|---|
| database | connect, ``SELECT 1``, and whether it takes writes | 3 s to connect, 1.5 s for an answer, twice each |
| replica | the same, and whether it is behind by more than ``MAX_LAG`` | the same |
| cache | to keep a value and to give it back | half a second |
| queue | to take a batch of nothing, for which permission to send is enough | 2 s to connect, 5 s to answer |

The bounds are those of ``serverless.db.postgresql``, ``serverless.cache`` and ``serverless.signed``.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.db import DatabaseError, InterfaceError, connections

from serverless.conf import conf

__all__ = ["Part", "look"]

logger = logging.getLogger(__name__)

_KEY: Final = "serverless:health:{}"
_KEPT_S: Final = 10
# Of PEP 249, and no DatabaseError there.
_AWAY: Final = (DatabaseError, InterfaceError)
_OF_REPLICAS: Final = {
    "fresh": "",
    "behind": "behind",
    "no replica": "no replica",
    "unknown": "does not say how far behind it is",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What was looked at, ``cache:default``, for how long, and what is wrong with it: empty, or a few fixed words."""

    name: str
    seconds: float
    problem: str

    def as_json(self) -> dict[str, Any]:
        said = {"name": self.name, "ok": not self.problem, "milliseconds": round(self.seconds * 1000, 1)}
        return said | ({"problem": self.problem} if self.problem else {})


def look() -> list[Part]:
    """Look at every part, and log those that fail. Raises nothing of theirs."""
    parts = [_timed(name, ask) for name, ask in _asked()]
    if failed := [part.as_json() for part in parts if part.problem]:
        logger.error("unhealthy", extra={"parts": failed})
    return parts


def _asked() -> Iterator[tuple[str, Callable[[], str]]]:
    replicas = {copy: primary for primary, copies in conf().replicas.of.items() for copy in copies}
    for alias in connections:
        if connections[alias].vendor == "unknown":  # Django's stand-in for DATABASES that name none
            continue
        if alias in replicas:
            yield f"replica:{alias}", partial(_replica, alias, replicas[alias])
        else:
            yield f"database:{alias}", partial(_database, alias)
    for alias in settings.CACHES:
        if not isinstance(caches[alias], DummyCache):
            yield f"cache:{alias}", partial(_cache, alias)
    if apps.is_installed("serverless.tasks"):
        from django.tasks import task_backends

        for backend in task_backends.all():
            for name, url in backend.options.get("QUEUE_URLS", {}).items():
                yield f"queue:{name}", partial(_queue, url)


def _timed(name: str, ask: Callable[[], str]) -> Part:
    began = time.perf_counter()
    problem = ask()
    return Part(name=name, seconds=time.perf_counter() - began, problem=problem)


def _database(alias: str) -> str:
    connection = connections[alias]
    try:
        if not _answers(alias):
            return "no answer"
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('transaction_read_only')")
                if cursor.fetchone() == ("on",):
                    return "takes no writes"
    except _AWAY as error:
        return _reason(error)
    return ""


def _replica(alias: str, primary: str) -> str:
    from serverless.db.replicas.lag import look as look_at

    try:
        if not _answers(alias):
            return "no answer"
        return _OF_REPLICAS[look_at(alias, primary=primary, bound=conf().replicas.max_lag)]
    except _AWAY as error:
        return _reason(error)


def _answers(alias: str) -> bool:
    """Ask over the connection there is; over a new one where it does not answer."""
    connection = connections[alias]
    if connection.connection is not None:
        if connection.is_usable():
            return True
        connection.close()
    connection.ensure_connection()
    if connection.is_usable():
        return True
    connection.close()
    return False


def _reason(error: Exception) -> str:
    from serverless.db import database_failure

    failure = database_failure(error)
    return "refused" if failure is None else failure.value


def _cache(alias: str) -> str:
    # Of this look alone: another's would be somebody else's answer.
    key, value = _KEY.format(secrets.token_hex(8)), secrets.token_hex(8)
    try:
        caches[alias].set(key, value, _KEPT_S)
        return "" if caches[alias].get(key) == value else "no answer"
    except Exception as error:  # noqa: BLE001 - each library raises its own
        logger.warning("a cache failed", extra={"alias": alias, "error": type(error).__name__})
        return "no answer"


def _queue(url: str) -> str:
    from serverless.sigv4 import MissingCredentials
    from serverless.tasks.exceptions import SQSFailed
    from serverless.tasks.produce.queue import probe

    try:
        probe(url)
    except MissingCredentials:
        return "no credentials"
    except SQSFailed as error:
        logger.warning("a queue failed", extra={"reason": str(error)})
        return "no answer"
    return ""
