"""Tasks of a key that is being moved: found by the ids in their arguments, kept from running, and taken along.

A task says nothing of the key that it is for. Those that name one of its rows are its own.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from django.apps import apps
from django.db import connections, transaction
from django.db.models.functions import Greatest, Now
from psycopg import sql

from serverless.db.shards.exceptions import MoveRefused
from serverless.db.shards.keys import key_field, sharded_models

__all__ = ["arrive", "drop", "park", "release", "take_along"]

# No worker claims and no tick sends what is due then.
PARKED: Final = datetime(9999, 1, 1, tzinfo=UTC)
_TABLE: Final = "tasks_taskrow"
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_POLL_S: Final = 1.0

type Say = Callable[[str], object]


def park(key: object, *, alias: str, patience: float, say: Say) -> None:
    """Let no task of the key start on this shard, and wait for those that run. Raises MoveRefused.

    Rows of a group are waited for: what follows a group counts them where they are.
    """
    if not _has_tasks():
        return
    until, told = time.monotonic() + patience, 0
    while True:
        busy = _park(key, alias=alias)
        if not busy:
            return
        if time.monotonic() > until:
            raise MoveRefused(
                f"{busy} of its tasks still run on {alias!r}, or are due in a group. Run the same command again later, "
                "or take them back: manage.py tasks cancel."
            )
        if busy != told:
            say(f"Waiting for {busy} of its tasks, which run …")
            told = busy
        time.sleep(_POLL_S)


def take_along(key: object, *, source: str, target: str) -> int:
    """Copy the parked tasks, still parked, and return how many there are. May be done twice."""
    if not _has_tasks() or not (ids := _parked(key, alias=source)):
        return 0
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in _rows(source).model._meta.concrete_fields)  # noqa: SLF001 - documented
    named = {"columns": columns, "table": sql.Identifier(_TABLE), "ids": sql.Literal([str(one) for one in ids])}
    read = sql.SQL("COPY (SELECT {columns} FROM {table} WHERE id = ANY({ids}::uuid[])) TO STDOUT").format(**named)
    with transaction.atomic(using=target):
        # Those of a try before this one. A task of the same key (`unique`) cannot be: nothing is enqueued while closed.
        _rows(target).filter(pk__in=ids).delete()
        with connections[source].cursor() as here, connections[target].cursor() as there:
            write = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**named)
            with here.copy(read) as rows, there.copy(write) as into:
                for block in rows:
                    into.write(block)
    return len(ids)


def arrive(key: object, *, source: str, target: str) -> None:
    """Delete the parked tasks where they came from, then let them run where they are. The next tick sends them."""
    drop(key, alias=source, of=target)
    release(key, alias=target)


def drop(key: object, *, alias: str, of: str) -> None:
    """Delete the key's parked tasks from a shard, as far as ``of`` has them too."""
    if _has_tasks():
        _rows(alias).filter(pk__in=_parked(key, alias=of), due_at=PARKED).delete()


def release(key: object, *, alias: str) -> None:
    """Let the key's parked tasks run again, at their own time at the earliest."""
    if _has_tasks():
        parked = _rows(alias).filter(pk__in=_parked(key, alias=alias))
        start = Greatest(Now(), "run_after")
        parked.update(due_at=start, wake_at=start, sends=0)


def _park(key: object, *, alias: str) -> int:
    """Park what waits; return how many are left that do not: they run, or belong to a group."""
    rows = _rows(alias).filter(pk__in=_of_key(key, alias=alias, parked=False))
    rows.filter(state="ready", group=None).update(due_at=PARKED, wake_at=PARKED)
    return int(rows.exclude(due_at=PARKED).count())


def _parked(key: object, *, alias: str) -> list[Any]:
    return _of_key(key, alias=alias, parked=True)


def _of_key(key: object, *, alias: str, parked: bool) -> list[Any]:
    """Return the ids of unfinished tasks that name the key or one of its rows on this shard."""
    rows = _rows(alias).filter(wake_at__isnull=False)
    rows = rows.filter(due_at=PARKED) if parked else rows.exclude(due_at=PARKED)
    calls = rows.values_list("pk", "args", "kwargs", "chain")
    named = {pk: set(_named(call)) for pk, *call in calls}
    own = _own(key, set().union(*named.values()), alias=alias) if named else set()
    return [pk for pk, names in named.items() if names & own]


def _named(value: object) -> Iterator[str]:
    """Yield every text and number in a JSON value, and the UUIDs within texts: names of files hold them."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _named(inner)
    elif value is not None:
        text = value if isinstance(value, str) else json.dumps(value)
        yield text
        yield from _UUID.findall(text.lower())


def _own(key: object, names: set[str], *, alias: str) -> set[str]:
    own = {str(key)} & names
    with connections[alias].cursor() as cursor:
        for model in sharded_models():
            meta, by = model._meta, key_field(model)  # noqa: SLF001 - documented
            assert by is not None  # noqa: S101 - the checks say so
            statement = sql.SQL("SELECT {pk}::text FROM {table} WHERE {by} = %s AND {pk}::text = ANY(%s)").format(
                pk=sql.Identifier(meta.pk.column or meta.pk.name),
                table=sql.Identifier(meta.db_table),
                by=sql.Identifier(by.column or by.name),
            )
            cursor.execute(statement.as_string(None), [str(key), sorted(names)])
            own |= {row for (row,) in cursor.fetchall()}
    return own


def _has_tasks() -> bool:
    return apps.is_installed("serverless.tasks")


def _rows(alias: str) -> Any:
    # By name: the tasks stand above this room, and ask it which shard they are on.
    return apps.get_model("tasks", "TaskRow")._default_manager.using(alias)  # noqa: SLF001 - documented
