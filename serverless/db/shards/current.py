"""The shard that the work under way is on: one for each request, task or block."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS

from serverless.conf import conf
from serverless.db.shards.exceptions import NoShard, ShardError, WrongShard

__all__ = ["Work", "alias_of_work", "aliases", "beside", "current", "is_on", "settle", "using", "working"]


@dataclass(slots=True, kw_only=True)
class Work:
    """A request, task or block. A single object, so that all threads and asyncio tasks of it speak of the same one."""

    shard: str | None = None


_work: ContextVar[Work | None] = ContextVar("serverless_shards_work", default=None)


def aliases() -> tuple[str, ...]:
    """Return the aliases of the shards; none where there are no shards."""
    return conf().shards.aliases


def is_on() -> bool:
    """Whether there are shards at all."""
    return bool(aliases())


def current() -> str | None:
    """Return the alias of the current shard."""
    work = _work.get()
    return None if work is None else work.shard


def alias_of_work() -> str:
    """Return the alias of the current shard, or of the one database where there are no shards. Raises NoShard."""
    if not is_on():
        return DEFAULT_DB_ALIAS
    if (shard := current()) is None:
        raise NoShard("What this works on")
    return shard


@contextmanager
def working(work: Work | None = None) -> Iterator[Work]:
    """Begin work of which the shard is not known yet, or go on with ``work``."""
    begun = Work() if work is None else work
    token = _work.set(begun)
    try:
        yield begun
    finally:
        _work.reset(token)


def settle(alias: str) -> None:
    """Name the shard of the work under way, once: a second one raises WrongShard, and an unknown one ShardError."""
    work = _work.get()
    if work is None:
        raise ShardError(
            "No request is under way. Add serverless.db.shards.middleware.ShardMiddleware to MIDDLEWARE; elsewhere "
            "say `with using(alias):`."
        )
    if work.shard not in {None, alias}:
        raise WrongShard(f"This request works on {work.shard!r} already; {alias!r} is for another one.")
    work.shard = _known(alias)


@contextmanager
def using(alias: str) -> Iterator[None]:
    """Work on a shard within, whatever is current outside. Raises ShardError for an alias that is none."""
    with working(Work(shard=_known(alias))):
        yield


@contextmanager
def beside(database: str) -> Iterator[None]:
    """Work within on the shard that a database is, or on none: what a task of that database does."""
    with working(Work(shard=database if database in aliases() else None)):
        yield


def _known(alias: str) -> str:
    if alias not in aliases():
        known = ", ".join(map(repr, aliases())) or "none"
        raise ShardError(f'{alias!r} is no shard; SERVERLESS["SHARDS"]["ALIASES"] has {known}.')
    return alias
