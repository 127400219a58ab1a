"""``@task`` with a policy: how often it is tried, for how long, with what beside it, and in which order.

The options are fields of our task class, so that ``django.tasks.task`` takes them too; the decorator here has their
types.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, Self, TypedDict, Unpack, cast, overload

import django.tasks.base
from django.db import transaction
from django.tasks import TaskResult
from django.tasks.exceptions import InvalidTask

from serverless.tasks.exceptions import UnstorableValue
from serverless.tasks.retries import BACKOFF, MAX_ATTEMPTS, MAX_BACKOFF, Exceptions, Retries
from serverless.tasks.values import storable

__all__ = ["Arguments", "Keys", "Signature", "Task", "task"]

if TYPE_CHECKING:
    from django.tasks import Task as DjangoTask

    from serverless.tasks.context import Context
else:  # Django's class takes no type arguments at run time

    class _Subscriptable:
        def __getitem__(self, _):
            return django.tasks.base.Task

    DjangoTask = _Subscriptable()

type Key = Callable[..., object]
"""From a call's arguments to a text or number, or None where the option does not concern this call."""
type Arguments = tuple[Sequence[Any], dict[str, Any]]

# PostgreSQL indexes at most 2,700 bytes; nobody reads more than this in the admin.
MAX_KEY: Final = 200
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What one call is unique, ordered and limited by; None where it is not."""

    unique: str | None = None
    order: str | None = None
    limit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task[**P, R](DjangoTask[P, R]):
    """A task and its policy. Times are seconds where they are no timedelta.

    Failures. ``max_attempts``: after so many it is dead. ``backoff``: how long until the second attempt, doubled with
    each, at most ``max_backoff``, up to half of it taken off by chance. ``give_up_on``: exceptions that make it dead at
    once; ``retry_on``: the only ones that do not.

    Time. ``timeout``: when DeadlineExceeded is raised in it; without one, shortly before the function's end.
    ``expires_after``: not started later than this after it was due.

    Transaction. ``atomic``: its writes and its outcome are one transaction of the row's database.

    Row. ``durable=False``: none, for floods of which a few may be lost. The function takes one list of items; one call
    gets those of a whole batch of messages. Of the other options only ``timeout`` applies.

    Others. ``unique``: one unfinished task a key; a second enqueue is dropped, or replaces the arguments of the first.
    ``unique_by`` makes the key, otherwise all arguments are it. ``ordered_by``: tasks of a key run one after the other
    in the order of their commits. ``concurrency``: how many of a ``limit_by`` key run at a time; ``rate``: how many are
    started, as "10/m" (s, m, h, d), evenly spread. Without ``limit_by`` the task's own name is the key. Order and
    limits hold across tasks whose keys are equal.
    """

    max_attempts: int = MAX_ATTEMPTS
    backoff: float = BACKOFF
    max_backoff: float = MAX_BACKOFF
    retry_on: Exceptions = BaseException
    give_up_on: Exceptions = ()
    timeout: float | None = None
    expires_after: timedelta | None = None
    atomic: bool = False
    durable: bool = True
    unique: Literal["drop", "replace"] | None = None
    unique_by: Key | None = None
    ordered_by: Key | None = None
    limit_by: Key | None = None
    concurrency: int | None = None
    rate: str | None = None

    def enqueue_many(self, calls: "Iterable[Arguments]") -> "list[TaskResult[P, R]]":
        """Enqueue one task for each ``(args, kwargs)`` in as few statements and messages as possible; all or none."""
        return self.get_backend().enqueue_many(self, list(calls))  # type: ignore[attr-defined, no-any-return] # ours

    def signature(self, *args: Any, **kwargs: Any) -> "Signature":
        """Return a call to be made later, for ``chain`` and ``group``."""
        return Signature(task=self, args=args, kwargs=kwargs)

    def call(self, *args: Any, **kwargs: Any) -> R:
        """Call the function as backends without rows do: ``atomic`` holds, and a context has what ours has."""
        from serverless.tasks.context import Context

        if self.takes_context and type(args[0]) is django.tasks.TaskContext:
            args = (Context.without_row(args[0]), *args[1:])
        with transaction.atomic() if self.atomic else nullcontext():
            return DjangoTask[P, R].call(self, *args, **kwargs)

    def keys(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Keys:
        """Return the keys of one call. Raises UnstorableValue for one that no column holds."""
        if self.unique is None and self.ordered_by is None and not self.is_limited:
            return _NO_KEYS
        return Keys(
            unique=self._unique_key(args, kwargs),
            order=_text(self.ordered_by, args, kwargs),
            limit=(_text(self.limit_by, args, kwargs) if self.limit_by else self.module_path)
            if self.is_limited
            else None,
        )

    def _unique_key(self, args: Sequence[Any], kwargs: dict[str, Any]) -> str | None:
        if self.unique is None:
            return None
        if self.unique_by is None:
            whole = json.dumps([list(args), kwargs], sort_keys=True)
            text: str | None = hashlib.sha256(whole.encode()).hexdigest()
        else:
            text = _text(self.unique_by, args, kwargs)
        return None if text is None else f"{self.module_path} {text}"

    @property
    def is_limited(self) -> bool:
        return self.concurrency is not None or self.rate is not None

    @property
    def interval(self) -> float | None:
        """Seconds between two starts that ``rate`` allows."""
        return None if self.rate is None else _interval(self.rate)

    @property
    def retries(self) -> Retries:
        return Retries(
            max_attempts=self.max_attempts,
            backoff=self.backoff,
            max_backoff=self.max_backoff,
            retry_on=self.retry_on,
            give_up_on=self.give_up_on,
        )


_NO_KEYS: Final = Keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A task with arguments, not yet enqueued."""

    task: Task[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    takes_value: bool = True

    def alone(self) -> Self:
        """Return the signature as one that is not given the value of what it follows."""
        return replace(self, takes_value=False)

    def using(self, **changes: Any) -> Self:
        """Return the signature with another queue, priority or start: what ``Task.using`` takes."""
        return replace(self, task=cast("Task[..., Any]", self.task.using(**changes)))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that a row keeps for the call after it."""
        return {
            "path": self.task.module_path,
            "backend": self.task.backend,
            "queue": self.task.queue_name,
            "priority": self.task.priority,
            "args": storable(list(self.args)),
            "kwargs": storable(self.kwargs),
            "takes_value": self.takes_value,
        }


class Options(TypedDict, total=False):
    """What ``@task`` takes: Django's options and ours."""

    priority: int
    queue_name: str
    backend: str
    max_attempts: int
    backoff: float
    max_backoff: float
    retry_on: Exceptions
    give_up_on: Exceptions
    timeout: float | None
    expires_after: timedelta | None
    atomic: bool
    durable: bool
    unique: Literal["drop", "replace"] | None
    unique_by: Key | None
    ordered_by: Key | None
    limit_by: Key | None
    concurrency: int | None
    rate: str | None


@overload
def task[**P, R](function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task[**P, R](
    *, takes_context: Literal[True], **options: Unpack[Options]
) -> Callable[[Callable[Concatenate["Context[Any, Any]", P], R]], Task[P, R]]: ...
@overload
def task[**P, R](
    *, takes_context: Literal[False] = False, **options: Unpack[Options]
) -> Callable[[Callable[P, R]], Task[P, R]]: ...
def task(function: Any = None, /, **options: Any) -> Any:
    """Make a function a task: ``django.tasks.task``, with the types of our options."""
    return django.tasks.task(function, **options)


def validate(task: "Task[..., Any]") -> None:
    """Raise InvalidTask for options that cannot be meant."""
    if not task.durable:
        _validate_flood(task)
    problems = {
        "max_attempts must be 1 or more: the first run is an attempt.": task.max_attempts < 1,
        "backoff must not be negative, nor above max_backoff.": not 0 <= task.backoff <= task.max_backoff,
        "timeout must be above 0 seconds, or None for the function's own.": task.timeout is not None
        and task.timeout <= 0,
        "expires_after must be above 0, or None for never.": task.expires_after is not None
        and task.expires_after <= timedelta(0),
        'unique must be "drop", "replace" or None.': task.unique not in {None, "drop", "replace"},
        'unique_by has no effect without unique: add unique="drop" or "replace".': task.unique_by and not task.unique,
        "limit_by has no effect without concurrency or rate.": task.limit_by and not task.is_limited,
        "concurrency must be 1 or more: to stop tasks, pause them.": task.concurrency is not None
        and task.concurrency < 1,
    }
    for text, is_so in problems.items():
        if is_so:
            raise InvalidTask(text)
    if task.rate is not None:
        _interval(task.rate)


def _validate_flood(task: "Task[..., Any]") -> None:
    allowed = {"func", "backend", "queue_name", "run_after", "durable", "timeout"}
    others = sorted(
        option.name
        for option in fields(task)
        if option.name not in allowed and getattr(task, option.name) != option.default
    )
    if others:
        raise InvalidTask(f"A task with durable=False has no row to keep {', '.join(others)} in: drop the option.")


def _interval(rate: str) -> float:
    number, _, unit = rate.partition("/")
    if not (number.isdecimal() and int(number) > 0 and unit in _SECONDS):
        raise InvalidTask(f'rate {rate!r} is not of the form "10/m": a number above 0, then s, m, h or d.')
    return _SECONDS[unit] / int(number)


def _text(key: Key | None, args: Sequence[Any], kwargs: dict[str, Any]) -> str | None:
    value = None if key is None else key(*args, **kwargs)
    if value is None:
        return None
    text = str(value)
    if not text or len(text) > MAX_KEY or "\0" in text:
        raise UnstorableValue(f"A key has 1 to {MAX_KEY} characters and no NUL: return an id.")
    return text
