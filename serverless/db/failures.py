"""What a database error means: whether anything was done, and whether the connection is of any use after it.

One reading of PostgreSQL's, psycopg's and the poolers' errors, for whoever has to decide: requests, tasks, routers.
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError

__all__ = ["DATABASE_ERRORS", "RETRY_AFTER_S", "Failure", "database_failure", "reading", "refused_login"]

# InterfaceError is no DatabaseError in PEP 249.
DATABASE_ERRORS: Final = (DatabaseError, InterfaceError)
# Seconds after which asking again may help: a pool frees a connection within a request's time, a server restarts in
# 1-5 s, a failover takes 60-120 s and is asked a few times more.
RETRY_AFTER_S: Final = 5


class Failure(StrEnum):
    """Why a statement has no answer. All but BUSY are outages: the database, or the way to it, is not there."""

    UNREACHABLE = "unreachable"
    """No connection was made: nothing listens, answers or knows the user, or the server starts. Nothing was sent."""
    EXHAUSTED = "exhausted"
    """Every connection of the server, or of the pooler before it, is in use. Nothing was done."""
    LOST = "lost"
    """The connection broke. Whether the statement, a COMMIT above all, was carried out, nobody knows."""
    READ_ONLY = "read-only"
    """A failover left the connection with a server that takes no writes. Nothing was done."""
    BUSY = "busy"
    """Others were in the way: a deadlock, a lock, a conflict, a limit. It was undone; the connection is good."""

    @property
    def is_outage(self) -> bool:
        """Whether asking again later is all that helps, on a new connection."""
        return self is not Failure.BUSY

    @property
    def did_nothing(self) -> bool:
        """Whether the statement was certainly not carried out, through no fault of its own."""
        return self in {Failure.UNREACHABLE, Failure.EXHAUSTED, Failure.READ_ONLY}


_BY_STATE: Final = {
    "25006": Failure.READ_ONLY,
    "28000": Failure.UNREACHABLE,
    "28P01": Failure.UNREACHABLE,
    "40001": Failure.BUSY,
    "40P01": Failure.BUSY,
    "53300": Failure.EXHAUSTED,
    "55P03": Failure.BUSY,
    "57014": Failure.BUSY,
    # A session that was ended: by its time limits, an administrator, a crash, or its database being dropped.
    "25P03": Failure.LOST,
    "25P04": Failure.LOST,
    "57P01": Failure.LOST,
    "57P02": Failure.LOST,
    "57P03": Failure.UNREACHABLE,
    "57P04": Failure.LOST,
    "57P05": Failure.LOST,
}
_BY_CLASS: Final = {"08": Failure.LOST, "53": Failure.BUSY}
_OF_ITSELF: Final = frozenset({"08", "28", "53", "57", "XX"})
# libpq hands on no SQLSTATE of a server that refuses to connect, and poolers have none of their own: the words of
# PostgreSQL, pgbouncer, RDS Proxy (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html)
# and psycopg's pool.
_EXHAUSTED: Final = re.compile(
    r"too many (clients|connections)|remaining connection slots|no more connections allowed|query_wait_timeout"
    r"|waiting to acquire database connection|couldn't get a connection after",
    re.IGNORECASE,
)
_UNREACHABLE: Final = re.compile(
    r"connection (failed|is bad|timeout expired)|\[Errno|failed to resolve host|.*server_login_has_been_failing",
    re.IGNORECASE,
)
_LOGIN: Final = re.compile(
    r"authentication failed|no password supplied|role \"[^\"]*\" does not exist"
    r"|has no credentials for the role|password that was provided for the role",
    re.IGNORECASE,
)


def database_failure(error: BaseException | None) -> Failure | None:
    """Return what the first database error among ``error`` and its causes means; None for a mistake, or for none.

    A mistake is one in the statement or the data: it would be made again.
    """
    for link in _causes(error):
        if (found := reading(link)) is not None:
            return found
        if _state(link):  # the server said what it is; whatever was handled before it is another matter
            return None
    return None


def reading(error: BaseException) -> Failure | None:
    """Return what ``error`` by itself means, Django's or the driver's."""
    state, is_django = _state(error), isinstance(error, DATABASE_ERRORS)
    if not is_django and not hasattr(error, "sqlstate"):
        return None
    text = str(error)
    # Only of a server or a pooler that speaks of itself: other messages quote what visitors wrote.
    if (not state or state[:2] in _OF_ITSELF) and _EXHAUSTED.search(text):
        return Failure.EXHAUSTED
    if state:
        return _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    if _UNREACHABLE.match(text):
        return Failure.UNREACHABLE
    names = {kind.__name__ for kind in type(error).__mro__}
    lost = OperationalError.__name__ in names or (InterfaceError.__name__ in names and "connection" in text)
    return Failure.LOST if lost else None


def refused_login(error: BaseException) -> bool:
    """Tell whether the server did not take the user or the password."""
    return bool(_LOGIN.search(str(error)))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _state(error: BaseException) -> str | None:
    # Django's exceptions keep the driver's as their cause; the driver's stand alone where psycopg was called directly.
    state: str | None = getattr(error.__cause__ if isinstance(error, DATABASE_ERRORS) else error, "sqlstate", None)
    return state
