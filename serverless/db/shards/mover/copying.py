"""Rows of one key, from database to database through COPY, and whether they are the same there."""

import hashlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from django.db import connections, transaction
from django.db.models import Model
from psycopg import sql

from serverless.db.shards.directory import find_directory
from serverless.db.shards.keys import key_field, sharded_models

__all__ = ["Difference", "Digest", "clear", "compare", "copy", "digests", "foreign_columns"]

# Rows that are named where two sides differ: enough to see what kind of difference it is.
NAMED: Final = 10

type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that is on one side only, or other there."""

    table: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """How many rows of a key a table has, and SHA-256 over them in the order of their ids."""

    rows: int
    sha256: str


def copy(key: object, *, source: str, target: str, say: Say, beat: Callable[[], object]) -> None:
    """Replace what ``target`` has of the key by what ``source`` has. One transaction: all of it or nothing.

    Not as of one moment: nobody should write, and ``compare`` finds out who did.
    """
    with transaction.atomic(using=target):
        _clear(key, alias=target)
        find_directory().carry(key, source=source, target=target)
        for model in sharded_models():
            rows = _copy(model, key, source=source, target=target)
            say(f"  {model._meta.db_table}: {rows:,} rows copied")  # noqa: SLF001 - documented
            beat()


def clear(key: object, *, alias: str) -> int:
    """Delete the key's rows from a shard, and return how many there were. Its own row stays."""
    with transaction.atomic(using=alias):
        return _clear(key, alias=alias)


def compare(
    key: object, *, source: str, target: str, beat: Callable[[], object]
) -> tuple[dict[str, Digest], list[Difference]]:
    """Compare all rows of the key, one by one; return the digests of those on ``source`` and what differs, if any."""
    found, different = {}, list[Difference]()
    for model in sharded_models():
        table, digest, rows = model._meta.db_table, hashlib.sha256(), 0  # noqa: SLF001 - documented
        with closing(_hashes(model, key, alias=source)) as one, closing(_hashes(model, key, alias=target)) as other:
            for here, there in zip_longest(one, other, fillvalue=("", "")):
                if here != there:
                    different.append(Difference(table=table, row=min(row for row, _ in (here, there) if row)))
                    if here[0] != there[0] or len(different) >= NAMED:
                        break  # where one side lacks a row, every pair after it would differ
                digest.update(_line(here))
                rows += 1
        found[table] = Digest(rows=rows, sha256=digest.hexdigest())
        beat()
    return found, different


def digests(key: object, *, alias: str) -> dict[str, Digest]:
    """Return the digest of each table's rows of the key."""
    found = {}
    for model in sharded_models():
        digest, rows = hashlib.sha256(), 0
        for row in _hashes(model, key, alias=alias):
            digest.update(_line(row))
            rows += 1
        found[model._meta.db_table] = Digest(rows=rows, sha256=digest.hexdigest())  # noqa: SLF001 - documented
    return found


def foreign_columns(alias: str) -> str:
    """Return the columns of sharded tables that the models lack, or the tables; an empty text where there are none."""
    connection, found = connections[alias], list[str]()
    with connection.cursor() as cursor:
        for model in sharded_models():
            meta = model._meta  # noqa: SLF001 - documented
            there = {column.name for column in connection.introspection.get_table_description(cursor, meta.db_table)}
            known = {field.column or field.name for field in meta.concrete_fields}
            found += [f"{meta.db_table}.{name}" for name in sorted(there ^ known)]
    return ", ".join(found)


def _line(row: tuple[str, str]) -> bytes:
    return " ".join(row).encode() + b"\n"


def _clear(key: object, *, alias: str) -> int:
    deleted = 0
    with connections[alias].cursor() as cursor:
        for model in reversed(sharded_models()):
            statement = sql.SQL("DELETE FROM {table} WHERE {by}").format(**_parts(model, key))
            cursor.execute(statement.as_string(None))
            deleted += cursor.rowcount
    return deleted


def _copy(model: type[Model], key: object, *, source: str, target: str) -> int:
    parts = _parts(model, key)
    read = sql.SQL("COPY (SELECT {columns} FROM {table} WHERE {by}) TO STDOUT").format(**parts)
    write = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**parts)
    with connections[source].cursor() as here, connections[target].cursor() as there:
        with here.copy(read) as rows, there.copy(write) as into:
            for block in rows:
                into.write(block)
        return int(there.rowcount)


def _hashes(model: type[Model], key: object, *, alias: str) -> Generator[tuple[str, str]]:
    statement = sql.SQL(
        "COPY (SELECT {pk}::text, encode(sha256(convert_to(ROW({columns})::text, 'UTF8')), 'hex') "
        'FROM {table} WHERE {by} ORDER BY {pk}::text COLLATE "C") TO STDOUT'
    ).format(**_parts(model, key))
    with connections[alias].cursor() as cursor, cursor.copy(statement) as rows:
        yield from rows.rows()


def _parts(model: type[Model], key: object) -> dict[str, Any]:
    meta, by = model._meta, key_field(model)  # noqa: SLF001 - documented
    assert by is not None  # noqa: S101 - the checks say so
    columns = [field.column or field.name for field in meta.concrete_fields if not field.generated]
    return {
        "table": sql.Identifier(meta.db_table),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "pk": sql.Identifier(meta.pk.column or meta.pk.name),
        "by": sql.SQL("{} = {}").format(sql.Identifier(by.column or by.name), sql.Literal(str(key))),
    }
