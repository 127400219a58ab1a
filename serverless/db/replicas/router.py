"""The database of each query. The first of DATABASE_ROUTERS: it asks the others whose the rows are, then for a copy."""

import asyncio
from functools import cached_property
from typing import Any

from django.db import connections, router
from django.db.models import Model
from django.db.utils import ConnectionRouter

from serverless.conf import conf
from serverless.db.replicas import visit
from serverless.db.replicas.aliases import primary_of, replicas_of
from serverless.db.replicas.choice import choose, is_open

__all__ = ["Router"]


class Router:
    """Knows copies and nothing of shards: another router's answer is the primary whose replicas are read."""

    @cached_property
    def _others(self) -> ConnectionRouter:
        return ConnectionRouter([other for other in router.routers if other is not self])

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        primary = primary_of(self._others.db_for_read(model, **hints))
        under_way = visit.current()
        if under_way is None or not _may_lag(model) or _in_transaction(primary):
            return primary
        return _replica(primary, under_way) or primary

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        # Without another router Django would say where the instance was read: on a server that cannot write.
        return primary_of(self._others.db_for_write(model, **hints))

    def allow_relation(self, obj1: Model, obj2: Model, **_: Any) -> bool | None:
        """Rows of one database may refer to each other, whichever copy they were read from."""
        ours, theirs = obj1._state.db, obj2._state.db  # noqa: SLF001 - documented
        if ours is None or theirs is None or (primary_of(ours), primary_of(theirs)) == (ours, theirs):
            return None
        # Of two databases: another router may know why.
        return True if primary_of(ours) == primary_of(theirs) else None

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool | None:  # noqa: ARG002 - Django's signature
        return None if primary_of(db) == db else False


def _may_lag(model: type[Model]) -> bool:
    concrete = model._meta.concrete_model or model  # noqa: SLF001 - documented
    return concrete._meta.label_lower in conf().replicas.models  # noqa: SLF001 - documented


def _in_transaction(primary: str) -> bool:
    """Whether what is read belongs to a transaction: to what it has written, and to the snapshot it works on."""
    connection = connections[primary]
    return connection.in_atomic_block or (connection.connection is not None and not connection.get_autocommit())


def _replica(primary: str, under_way: visit.Visit) -> str | None:
    if not replicas_of(primary):
        return None
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        # Asked from a coroutine (aiterator does) nothing may be connected; the query itself asks again, from a thread.
        return under_way.chosen.get(primary)
    if primary not in under_way.chosen:
        under_way.chosen[primary] = choose(primary)
    elif (chosen := under_way.chosen[primary]) is not None and not is_open(chosen):
        under_way.chosen[primary] = None
    return under_way.chosen[primary]
