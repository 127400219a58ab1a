"""A statement, once more on a new connection where the old one broke: a freeze, a failover, a restart."""

import time
from collections.abc import Callable, Sequence

from django.db import close_old_connections, connections

from serverless.db.failures import DATABASE_ERRORS, database_failure

__all__ = ["patiently"]


def patiently[T](statement: Callable[[], T], *, database: str, pauses: Sequence[float]) -> T:
    """Return what ``statement`` returns; try again after each of ``pauses`` (seconds) while the database fails.

    The statement must bear being run twice: its first reply may be what was lost. Raises the last error, and at once
    what is a mistake and no failure.
    """
    for pause in pauses:
        try:
            return _once(statement, database=database)
        except DATABASE_ERRORS as error:
            if database_failure(error) is None:
                raise
            time.sleep(pause)
    return _once(statement, database=database)


def _once[T](statement: Callable[[], T], *, database: str) -> T:
    # Closes what an error, or a task that left a transaction open, made unusable.
    close_old_connections()
    # The statement is its own health check, since it is tried again: a SELECT 1 before it would be a round trip more.
    connections[database].health_check_done = True  # type: ignore[attr-defined] # not in the stubs
    try:
        return statement()
    except DATABASE_ERRORS as error:
        if database_failure(error) is not None:
            # A server that a failover made read-only passes Django's health check: the connection to it would be kept.
            connections[database].close()
        raise
