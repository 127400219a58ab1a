"""Which replica answers, as far as this process knows: looked at from time to time, left in peace when it is away."""

import logging
import random
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connections

from serverless.conf import conf
from serverless.db.moments import Moment
from serverless.db.replicas.aliases import primary_of, replicas_of
from serverless.db.replicas.lag import look

__all__ = ["choose", "forget", "is_open", "lose"]

_log = logging.getLogger(__name__)
# InterfaceError is no DatabaseError in PEP 249.
_AWAY = (DatabaseError, InterfaceError)


@dataclass(slots=True)
class _Standing:
    fresh: Moment | None = None
    """When it was last found to have everything."""
    passed: Moment | None = None
    """When it was last found to be away or behind; not asked again for ``rest`` seconds."""
    rest: float = 0.0


_standings: dict[str, _Standing] = {}


def choose(primary: str) -> str | None:
    """Return a replica of ``primary`` that answers and is not behind, or None. At most one look each SAMPLE_SECONDS.

    One that this thread is connected to comes first; else chance decides, which spreads the environments.
    """
    candidates = random.sample(replicas_of(primary), k=len(replicas_of(primary)))
    candidates.sort(key=lambda alias: connections[alias].connection is None)
    return next((alias for alias in candidates if _serves(alias, primary)), None)


def is_open(alias: str) -> bool:
    """Whether this thread is, or can be, connected to it."""
    connection = connections[alias]
    if connection.connection is None:
        try:
            connection.ensure_connection()
        except _AWAY as error:
            lose(alias, error)
            return False
    # The query is its own health check, since a lost one is run again on the primary: a SELECT 1 would be a round trip.
    connection.health_check_done = True  # type: ignore[attr-defined] # not in the stubs
    return True


def lose(alias: str, error: BaseException) -> None:
    """Close what there is, and leave it in peace for REST_SECONDS."""
    connections[alias].close()
    _pass_by(alias, seconds=conf().replicas.rest_seconds, reason=f"it is away ({type(error).__name__})")


def forget() -> None:
    """Know nothing of any replica, as a new process does."""
    _standings.clear()


def _serves(alias: str, primary: str) -> bool:
    standing = _standings.setdefault(alias, _Standing())
    if standing.passed is not None and standing.passed.age() < standing.rest:
        return False
    if not is_open(alias):
        return False
    if standing.fresh is not None and standing.fresh.age() < conf().replicas.sample_seconds:
        return True
    return _look(alias, primary, standing)


def _look(alias: str, primary: str, standing: _Standing) -> bool:
    before = Moment()
    try:
        finding = look(alias, primary=primary, bound=conf().replicas.max_lag)
    except _AWAY as error:
        lose(alias, error)
        return False
    if finding == "fresh":
        if standing.passed is not None:
            _log.info("The replica %s answers reads again.", alias)
        standing.fresh, standing.passed = before, None
        return True
    reasons = {
        "behind": f"it is more than {conf().replicas.max_lag} s behind {primary_of(alias)}",
        "no replica": "it is no replica: it takes writes, as one does that was promoted",
        "unknown": "it does not say how far behind it is, as Aurora's readers do not",
    }
    _pass_by(alias, seconds=conf().replicas.sample_seconds, reason=reasons[finding])
    return False


def _pass_by(alias: str, *, seconds: float, reason: str) -> None:
    standing = _standings.setdefault(alias, _Standing())
    if standing.passed is None:  # once, not at each look
        _log.warning("The primary answers reads in the place of %s: %s.", alias, reason)
    standing.fresh, standing.passed, standing.rest = None, Moment(), seconds
