"""How far behind a replica is, in one or two statements."""

from typing import Any, Literal

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Finding", "look"]

type Finding = Literal["fresh", "behind", "no replica", "unknown"]

# The time is that of the primary's clock at the last commit that has arrived, so that everything before it is there.
# https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL
_REPLICA = """
SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text,
    extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
"""
# What a commit has been answered for is flushed.
_PRIMARY = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '{}') <= 0"


def look(replica: str, *, primary: str, bound: float) -> Finding:
    """Say whether ``replica`` holds everything that ``primary`` committed ``bound`` seconds ago.

    The time of the last commit that arrived says so on a busy server. On an idle one that time is old though nothing is
    missing, and looks the same as a replay that stands still or a link that is cut: so the primary is asked whether it
    has written more than the replica, which was asked before, has replayed. Raises what Django raises of databases.

    Aurora's readers share the writer's storage and replay nothing: there the position is NULL, which is ``unknown``.
    """
    in_recovery, position, age = _one(connections[replica], _REPLICA)
    if not in_recovery:
        return "no replica"
    if position is None:
        return "unknown"
    if age is not None and age <= bound:
        return "fresh"
    (has_all,) = _one(connections[primary], _PRIMARY.format(position))
    return "fresh" if has_all else "behind"


def _one(connection: BaseDatabaseWrapper, statement: str) -> tuple[Any, ...]:
    """Ask psycopg itself: no execute wrapper may count this as the page's, or ask another server instead."""
    connection.close_if_health_check_failed()  # as before any statement: a freeze may have cost the primary's
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
