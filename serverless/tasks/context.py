"""What a task that takes a context is given."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import django.tasks.base
from django.db import DEFAULT_DB_ALIAS, transaction
from django.tasks import TaskResult

__all__ = ["Context"]

if TYPE_CHECKING:
    from django.tasks import TaskContext
else:  # Django's class takes no type arguments at run time

    class _Subscriptable:
        def __getitem__(self, _):
            return django.tasks.base.TaskContext

    TaskContext = _Subscriptable()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context[**P, R](TaskContext[P, R]):  # type: ignore[misc] # frozen at run time
    """Django's TaskContext, and the two things that a task on Lambda has to know: its time, and its end."""

    task_result: "TaskResult[P, R]"
    database: str
    ends_at: float | None
    settle: Callable[[Any], None]
    doubt: Callable[[], None]
    has_row: bool = True

    @classmethod
    def without_row(cls, context: "TaskContext[P, R]") -> Self:
        """Return the context of a backend that has no rows: nothing ends the task, and its success is not written."""
        return cls(
            task_result=context.task_result, database=DEFAULT_DB_ALIAS, ends_at=None, settle=lambda _: None,
            doubt=lambda: None, has_row=False,
        )  # fmt: skip

    def remaining(self) -> float | None:
        """Return the seconds until DeadlineExceeded is raised in the task; None where nothing ends it."""
        return None if self.ends_at is None else self.ends_at - time.monotonic()

    @contextmanager
    def finish(self, value: Any = None) -> Iterator[None]:
        """Commit the block's writes and the task's success, with ``value``, in one transaction of the row's database.

        For tasks with work on files or the network: do that first, then open this around the writes, and return. A
        worker that lost the task meanwhile is rolled back with LeaseLost. What the function returns does not count.
        """
        try:
            # Without a row the task runs where it is enqueued, inside of the caller's transaction perhaps.
            with transaction.atomic(using=self.database, durable=self.has_row):
                yield
                self.settle(value)
        except BaseException:
            self.doubt()
            raise
