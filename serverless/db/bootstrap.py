"""Taking the steps: all of them in one transaction, or none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from serverless.db.exceptions import BootstrapFailed
from serverless.db.steps import Step, logins, rights
from serverless.db.users import IAM_ROLE, Users

__all__ = ["Connection", "bootstrap", "missing"]

type Connection = psycopg.Connection[Any]

# Two at once: the second waits, and finds nothing left to do.
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('serverless db bootstrap', 0))"


def missing(connection: Connection, users: Users, *, iam_role: str = IAM_ROLE) -> list[Step]:
    """Return the steps that a bootstrap would take; takes none. Anybody who can connect may ask."""
    planned = chain(logins(users), rights(users, database=connection.info.dbname, iam_role=iam_role))
    with _told("looking at what is there"):
        return [step for step in planned if not _taken(connection, step)]


def bootstrap(connection: Connection, users: Users, *, iam_role: str = IAM_ROLE) -> list[str]:
    """Take the steps that are missing and return what each changed. Raises BootstrapFailed; then nothing was changed.

    The connection is the administrator's: RDS's first user, or a superuser.
    """
    migrator = users.migrator.name
    with _told(f"the administrator acts as {migrator}"), connection.transaction():
        connection.execute(_LOCK)
        said = list(_take(connection, logins(users)))
        with _acting_as(connection, migrator):
            said += _take(connection, rights(users, database=connection.info.dbname, iam_role=iam_role))
    return said


def _taken(connection: Connection, step: Step) -> bool:
    row = connection.execute(step.taken).fetchone()
    return bool(row and row[0])


def _take(connection: Connection, planned: Iterable[Step]) -> Iterator[str]:
    for step in planned:
        if _taken(connection, step):
            continue
        try:
            with connection.transaction() if step.optional else _told(step.says):
                connection.execute(step.does)
        except psycopg.Error as error:
            yield f"NOT {step.says}: {_why(error)}"
        else:
            yield step.says


@contextmanager
def _told(says: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise BootstrapFailed(
            f"{says}: PostgreSQL refused it ({_why(error)}). Nothing was changed. The administrator has to be the user "
            "that made the database and its users, on RDS the first one; PostgreSQL has to be 16 or later."
        ) from None


def _why(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error) or type(error).__name__


@contextmanager
def _acting_as(connection: Connection, role: str) -> Iterator[None]:
    """Let an administrator who is no superuser act as ``role``, within the transaction alone."""
    able = connection.execute(SQL("SELECT pg_has_role({}, 'SET')").format(Literal(role))).fetchone()
    if able and able[0]:
        yield
        return
    connection.execute(SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(Identifier(role)))
    yield
    connection.execute(SQL("REVOKE {} FROM CURRENT_USER GRANTED BY CURRENT_USER").format(Identifier(role)))
