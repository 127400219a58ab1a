"""The database of each query, by the kind of its rows and the shard that is current.

It answers with primaries. A router of replicas goes before it in DATABASE_ROUTERS, and asks it whose replica to read.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

from serverless.db.replicas import primary_of
from serverless.db.shards.current import aliases, current
from serverless.db.shards.exceptions import NoShard, WrongShard
from serverless.db.shards.kinds import Kind, is_key, kind_of

__all__ = ["Router"]


class Router:
    """Directory rows are in the default database, sharded ones on the current shard, local ones beside the work."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Raises NoShard, and WrongShard where rows hang on a row of another shard."""
        kind = kind_of(model)
        if kind is Kind.DIRECTORY:
            return DEFAULT_DB_ALIAS
        home = _home(hints.get("instance"), kind)
        return home or _of_work() if kind is Kind.LOCAL else _shard(model, home)

    db_for_write = db_for_read

    def allow_relation(self, obj1: Model, obj2: Model, **_: Any) -> bool | None:
        """Every shard has a row of its own for each of its keys, so the directory's stands for it."""
        return True if is_key(type(obj1)) or is_key(type(obj2)) else None


def _shard(model: type[Model], home: str | None) -> str:
    shard = current()
    if shard is None:
        if home is None:
            raise NoShard(model._meta.label)  # noqa: SLF001 - documented
        return home
    if home not in {None, shard}:
        raise WrongShard(f"A row of {home!r} leads to {model._meta.label}, but {shard!r} is current.")  # noqa: SLF001
    return shard


def _of_work() -> str:
    """Where the open transaction is; with none, or both, on the shard."""
    shard = current()
    if shard is None or (connections[DEFAULT_DB_ALIAS].in_atomic_block and not connections[shard].in_atomic_block):
        return DEFAULT_DB_ALIAS
    return shard


def _home(instance: object, kind: Kind) -> str | None:
    """Where a row of the same kind was read or is to be written, as far as that is one of these databases."""
    if not isinstance(instance, Model) or kind_of(type(instance)) is not kind:
        return None
    # What was read from a copy belongs to what that is a copy of.
    alias = primary_of(instance._state.db or "")  # noqa: SLF001 - documented
    return alias if alias in aliases() or (alias == DEFAULT_DB_ALIAS and kind is Kind.LOCAL) else None
