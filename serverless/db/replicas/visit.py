"""What is known of the request under way: whether it may read from a replica, and whether it has written."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

__all__ = ["Visit", "current", "note_write", "using_primary", "using_replicas", "visiting"]

type _Source = Literal["primary", "replicas"]
type _Missing = tuple[type[Exception], ...]


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request. A single object, so that all threads and asyncio tasks that serve it speak of the same one."""

    pinned: bool
    """From the beginning: it writes by its method, or this viewer has just written."""
    wrote: bool = False
    chosen: dict[str, str | None] = field(default_factory=dict)
    """By primary: the replica of this request, None for the primary itself. One alone, since another one may be further
    behind, and what was read first (a version, a count) must not be newer than what is read after it."""


_visit: ContextVar[Visit | None] = ContextVar("serverless_replicas_visit", default=None)
_source: ContextVar[_Source | None] = ContextVar("serverless_replicas_source", default=None)


@contextmanager
def visiting(*, pinned: bool) -> Iterator[Visit]:
    """Serve a request within. Outside there is none, so that tasks and commands read from the primary."""
    visit = Visit(pinned=pinned)
    token = _visit.set(visit)
    try:
        yield visit
    finally:
        _visit.reset(token)


def current() -> Visit | None:
    """Return the request under way if it may read from replicas here and now."""
    if _source.get() != "replicas":
        return None
    visit = _visit.get()
    return None if visit is None or visit.pinned or visit.wrote else visit


def note_write() -> None:
    """Keep this viewer's reads on the primary from here on.

    Statements that write are seen by themselves, if they go through a cursor of Django's. This is for what is not: COPY
    by psycopg, a SELECT of a function that writes.
    """
    if (visit := _visit.get()) is not None:
        visit.wrote = True


class _Reading:
    """A context manager and a decorator of functions, ``async`` ones too; one object may be entered many times."""

    def __init__(self, source: _Source, *, missing: _Missing = ()) -> None:
        self._wanted: Final = source
        self._missing: Final = missing
        self._tokens: list[Token[_Source | None]] = []

    def __enter__(self) -> None:
        # Within using_primary() nothing opens the replicas again: who asked for the primary need not know its callees.
        self._tokens.append(_source.set("primary" if _source.get() == "primary" else self._wanted))

    def __exit__(self, *_: object) -> None:
        _source.reset(self._tokens.pop())

    def __call__[F: Callable[..., Any]](self, function: F) -> F:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__qualname__} is a generator, which runs after this is over: use with inside.")
        wanted, missing = self._wanted, self._missing

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                with _Reading(wanted):
                    return function(*args, **kwargs)
            except missing:
                if not _leave_replicas():
                    raise
            return function(*args, **kwargs)

        @wraps(function)
        async def acall(*args: Any, **kwargs: Any) -> Any:
            try:
                with _Reading(wanted):
                    return await function(*args, **kwargs)
            except missing:
                if not _leave_replicas():
                    raise
            return await function(*args, **kwargs)

        return acall if inspect.iscoroutinefunction(function) else call  # type: ignore[return-value] # same signature


def _leave_replicas() -> bool:
    """Send the rest of this request to the primary; whether it has read from a replica until now."""
    visit = _visit.get()
    if visit is None or visit.pinned or not any(visit.chosen.values()):
        return False
    visit.pinned = True
    return True


def using_primary() -> _Reading:
    """Read from the primary within, whatever the code in there allows: ``with using_primary():``, ``@using_primary()``.

    For what decides who may do what, for cursors ("what is new since") and for what a cache keeps under a version that
    was read from the primary.
    """
    return _Reading("primary")


def using_replicas(*, missing: _Missing = (Http404, ObjectDoesNotExist)) -> _Reading:
    """Let models of ``SERVERLESS["REPLICAS"]["MODELS"]`` be read from a replica within a GET or HEAD request.

    Let people in before, outside of it. As a decorator it calls again, on the primary, what raised one of ``missing``
    after it has read from a replica: what was made a moment ago may not have arrived there.
    """
    return _Reading("replicas", missing=missing)
