"""Taking the steps: all of them in one transaction, or none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
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
    """Return the steps that a bootstrap would take; takes none."""
    planned = chain(logins(users), rights(users, database=connection.info.dbname, iam_role=iam_role))
    return [step for step in planned if not _taken(connection, step)]


def bootstrap(connection: Connection, users: Users, *, iam_role: str = IAM_ROLE) -> list[str]:
    """Take the steps that are missing and return what each changed. Raises BootstrapFailed; then nothing was changed.

    The connection is the administrator's: RDS's first user, or a superuser.
    """
    with connection.transaction():
        connection.execute(_LOCK)
        said = list(_take(connection, logins(users)))
        with _acting_as(connection, users.migrator.name):
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
            with connection.transaction() if step.optional else nullcontext():
                connection.execute(step.does)
        except psycopg.Error as error:
            why = error.diag.message_primary or type(error).__name__
            if not step.optional:
                raise BootstrapFailed(
                    f"{step.says}: PostgreSQL refused it ({why}). Nothing was changed. The administrator has to be the "
                    "user that made the database and its users: on RDS the first one."
                ) from None
            yield f"NOT {step.says}: {why}"
        else:
            yield step.says


@contextmanager
def _acting_as(connection: Connection, role: str) -> Iterator[None]:
    """Let an administrator who is no superuser act as ``role``, within the transaction alone.

    A lasting member of a role with rds_iam could not log in with a password any more: RDS asks members of members for a
    token, too. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
    """
    able = connection.execute(SQL("SELECT pg_has_role({}, 'SET')").format(Literal(role))).fetchone()
    if able and able[0]:
        yield
        return
    connection.execute(SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(Identifier(role)))
    yield
    connection.execute(SQL("REVOKE {} FROM CURRENT_USER GRANTED BY CURRENT_USER").format(Identifier(role)))
