"""The view pg_stat_statements of one database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction

from serverless.db.statements import wording
from serverless.db.statements.masking import QUERIES, masked
from serverless.exceptions import ServerlessError

__all__ = ["ORDERS", "SHOWN", "Found", "Reason", "Statement", "Unavailable", "forget", "read"]

SHOWN: Final = 50
# A text can be a megabyte; of more than this nobody reads the end.
_LONGEST: Final = 4_000
ORDERS: Final[Mapping[str, str]] = {
    "total": "total_exec_time", "mean": "mean_exec_time", "calls": "calls", "rows": "rows",
}  # fmt: skip
_HERE: Final = "(SELECT oid FROM pg_database WHERE datname = current_database())"
# Migrations and settings are no queries: after a release they would fill the page. A comment may come first.
_QUERY: Final = rf"^[\s(]*(/\*.*?\*/[\s(]*)*({'|'.join(sorted(QUERIES))})\M"
# Others' texts are kept from whoever is no member of pg_read_all_stats; their ids are NULL then.
_READ: Final = """
SELECT queryid, left(query, {longest}), rolname, calls, total_exec_time, mean_exec_time, max_exec_time, rows,
       shared_blks_hit, shared_blks_read, sum(total_exec_time) OVER (), count(*) OVER ()
FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
WHERE dbid = {here} AND (queryid IS NULL OR query ~* '{query}') ORDER BY {order} DESC, queryid LIMIT {shown}
"""
_SINCE: Final = "SELECT stats_reset FROM pg_stat_statements_info"
_FORGET: Final = f"SELECT pg_stat_statements_reset(0, {_HERE}, 0)"


class Reason(StrEnum):
    """Why there is nothing to see, by SQLSTATE where PostgreSQL says it.

    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """

    ABSENT = "42P01"
    NO_FUNCTION = "42883"
    NOT_LOADED = "55000"
    REFUSED = "42501"
    AWAY = "away"


class Unavailable(ServerlessError):
    """The statistics cannot be read or reset; ``reason`` says why, and the page what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"pg_stat_statements cannot be used: {reason.name.lower()}.")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of one user. Times in milliseconds; ``share`` of all time, ``hit`` of blocks found in memory, 0..1.

    ``text`` is empty where it is another user's that may not be seen.
    """

    queryid: int | None
    text: str
    user: str
    calls: int
    total: float
    mean: float
    longest: float
    rows: int
    share: float
    hit: float | None

    @property
    def figures(self) -> list[tuple[str, str]]:
        """What the page says of it."""
        return [
            ("Share", wording.share(self.share)),
            ("Total", wording.time(self.total)),
            ("Calls", f"{self.calls:,}"),
            ("Mean", wording.time(self.mean)),
            ("Longest", wording.time(self.longest)),
            ("Rows a call", f"{self.rows / self.calls:,.3g}" if self.calls else "-"),
            ("From memory", "-" if self.hit is None else wording.share(self.hit)),
            ("User", self.user),
        ]

    @property
    def thousandths(self) -> int:
        """The share, for a picture."""
        return round(self.share * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The costliest queries, how many there are in all, and since when they are counted."""

    statements: list[Statement]
    count: int
    total: float
    since: datetime | None


def read(database: str, *, order: str) -> Found:
    """Return the ``SHOWN`` first statements by ``order``, a key of ``ORDERS``; two queries. Raises Unavailable."""
    text = _READ.format(here=_HERE, query=_QUERY, order=ORDERS[order], longest=_LONGEST, shown=SHOWN)
    rows, ((since,),) = _ask(database, text, _SINCE)
    return Found(
        statements=[_statement(row) for row in rows],
        count=rows[0][-1] if rows else 0,
        total=rows[0][-2] if rows else 0.0,
        since=since,
    )


def forget(database: str) -> None:
    """Begin to count anew, for this database. Raises Unavailable."""
    _ask(database, _FORGET)


def _ask(database: str, *statements: str) -> list[list[tuple[Any, ...]]]:
    try:
        # A transaction, so that a refusal spoils none that the caller is in.
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            answers = []
            for statement in statements:
                cursor.execute(statement)
                answers.append(cursor.fetchall())
            return answers
    except (InterfaceError, DatabaseError) as error:
        raise Unavailable(_reason(error)) from error


def _reason(error: Exception) -> Reason:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in list(Reason):
        return Reason(state)
    if isinstance(error, (OperationalError, InterfaceError)):
        return Reason.AWAY
    raise error


def _statement(row: tuple[Any, ...]) -> Statement:
    queryid, text, user, calls, total, mean, longest, rows, hits, reads, everything, _count = row
    return Statement(
        queryid=queryid, text=masked(text) if queryid is not None else "", user=user, calls=calls, total=total,
        mean=mean, longest=longest, rows=rows, share=total / everything if everything else 0.0,
        hit=hits / (hits + reads) if hits + reads else None,
    )  # fmt: skip
