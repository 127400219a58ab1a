"""COPY into tables whose indexes and foreign keys are put aside meanwhile, all in one transaction.

An index that is built at the end is read and written once, in order; kept up row by row, 10 million random keys touch
as many pages. A foreign key that is added again is one join instead of a trigger a row.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import batched
from time import monotonic
from typing import Any

from django.db import connections, transaction
from psycopg.sql import SQL, Identifier

from app.seeding.rows import COLUMNS, Rows

__all__ = ["load"]

_LINES = 2_000
# The tables that are large enough for it.
_ASIDE = ("galleries_photo", "sharing_accessevent")
_KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY 1
"""
# Those of constraints stay: a primary key is filled from one end, and uniqueness is looked after from the first row.
_INDEXES = """
SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1
"""
_USED = """
UPDATE accounts_studio SET used_bytes = kept.bytes FROM (
    SELECT studio_id, sum(bytes) AS bytes FROM galleries_photo
    WHERE studio_id = ANY(%s::uuid[]) AND state IN ('uploaded', 'ready') GROUP BY studio_id
) AS kept WHERE kept.studio_id = accounts_studio.id
"""

type Say = Callable[[str], None]


def load(rows: Rows, *, database: str, say: Say) -> None:
    """Load all tables, or nothing; then have the planner's statistics made.

    Raises django.db.IntegrityError where the same seed was loaded before.
    """
    with transaction.atomic(using=database), connections[database].cursor() as cursor:
        # What this transaction left to be checked at its end would refuse every ALTER TABLE.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with _aside(cursor, say):
            for table, count, lines in rows.tables():
                _copy(cursor, table, count, lines, say)
        cursor.execute(_USED, [rows.studios])
    _analyse(database, say)


def _copy(cursor: Any, table: str, count: int, lines: Iterator[str], say: Say) -> None:
    begun, done, told = monotonic(), 0, monotonic()
    with cursor.db.wrap_database_errors, cursor.copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as copy:
        for batch in batched(lines, _LINES):
            copy.write("".join(batch))
            done += len(batch)
            if monotonic() - told > 5:
                told = monotonic()
                say(f"  {table}: {done:,} of {count:,} rows, {done / count:.0%}, {told - begun:.0f} s")
    say(f"{table}: {done:,} rows in {monotonic() - begun:.1f} s")


@contextmanager
def _aside(cursor: Any, say: Say) -> Iterator[None]:
    again = [statement for table in _ASIDE for statement in _put_aside(cursor, table)]
    yield
    for name, statement in again:
        begun = monotonic()
        cursor.execute(statement)
        if monotonic() - begun > 1:
            say(f"  {name}: {monotonic() - begun:.1f} s")


def _put_aside(cursor: Any, table: str) -> Iterator[tuple[str, Any]]:
    """Drop, and yield what makes them again: first the indexes, which checking a key may use."""
    for query, drop, make in (
        (_INDEXES, "DROP INDEX {name}", "{definition}"),
        (_KEYS, "ALTER TABLE {table} DROP CONSTRAINT {name}", "ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"),
    ):
        cursor.execute(query, [table])
        for name, definition in cursor.fetchall():
            parts = {"table": Identifier(table), "name": Identifier(name)}
            cursor.execute(SQL(drop).format(**parts))
            yield name, SQL(make).format(**parts, definition=SQL(definition))


def _analyse(database: str, say: Say) -> None:
    begun, connection = monotonic(), connections[database]
    # Vacuum sets the marks by which an index alone can answer; it refuses to run inside a transaction, as in a test.
    verb = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} {', '.join(COLUMNS)}")
    say(f"{verb.lower()}: {monotonic() - begun:.1f} s")
