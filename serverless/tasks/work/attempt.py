"""One run of a task: the call in its time and its transaction, and the outcome that comes of it."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.tasks import TaskResult

from serverless.connections import abandon
from serverless.db import database_failure
from serverless.db.failures import DATABASE_ERRORS
from serverless.deadline import Deadline, DeadlineExceeded
from serverless.tasks.context import Context
from serverless.tasks.definition import Task
from serverless.tasks.exceptions import LeaseLost
from serverless.tasks.models import State, TaskRow
from serverless.tasks.values import storable
from serverless.tasks.work import report, timing
from serverless.tasks.work.lease import Outcome
from serverless.tasks.work.report import failed, fields

logger = logging.getLogger(__name__)


class Attempt:
    """Runs one leased row. ``deadline`` interrupts it where it is; without one only coroutines are stopped."""

    def __init__(self, row: TaskRow, task: "Task[..., Any]", *, deadline: Deadline | None) -> None:
        self._row = row
        self._task = task
        self._deadline = deadline
        self._time = timing.allotted(task.timeout)
        self._settled: TaskRow | None = None
        self._in_doubt = False

    def run(self, result: "TaskResult[..., Any]") -> TaskRow | None:
        """Run and report; return the row as it is now, or None where the lease was lost. Raises database errors."""
        try:
            outcome = self._outcome(result)
            if self._settled is None:
                self._settled = self._written(outcome)
        except LeaseLost:
            return None
        return self._settled

    def _outcome(self, result: "TaskResult[..., Any]") -> Outcome:
        """Call the task. Whatever it raises, SystemExit included, is its own failure and not the batch's."""
        try:
            if not self._task.atomic:
                value = self._call(result)
                self._look_up()
                return self._success(value)
            with transaction.atomic(using=self._row.database, durable=True):
                value = self._call(result)
                self._settle(value)
            return self._success(value)
        except LeaseLost:
            raise
        except DeadlineExceeded as late:
            abandon()
            return self._failure(late)
        except KeyboardInterrupt:
            raise  # someone stops the worker: no outcome, the lease ends
        except BaseException as error:  # noqa: BLE001
            return self._failure(error)

    def _written(self, outcome: Outcome) -> TaskRow | None:
        try:
            return report.write_patiently(self._row, outcome)
        except DATABASE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - what follows cannot be enqueued: a key function, a task that is gone
            return report.write_patiently(self._row, self._failure(error))

    def _settle(self, value: Any) -> None:
        """Write the success in the transaction that is open."""
        after = report.write(self._row, self._success(value))
        if after is None:
            raise LeaseLost(LeaseLost.__doc__)
        self._settled = after

    def _success(self, value: Any) -> Outcome:
        return Outcome(state=State.DONE, attempts=self._row.attempts, errors=self._row.errors, value=storable(value))

    def _doubt(self) -> None:
        self._in_doubt = True

    def _look_up(self) -> None:
        """Find out what became of a success whose transaction raised, though the task may have caught that."""
        if self._in_doubt and self._settled is not None:
            self._settled = report.find_patiently(self._row)
        self._in_doubt = False

    def _failure(self, error: BaseException) -> Outcome:
        if self._settled is not None:
            # Its success was written, and either committed before the error or not at all.
            self._in_doubt = True
            self._look_up()
            if self._settled is not None:
                logger.warning("task raised after its success", exc_info=error, extra=fields(self._row))
        if isinstance(error, DeadlineExceeded) and not self._time.charged:
            return self._given_back(delay=0.0)
        if self._was_away(error):
            logger.warning("task given back, database unavailable", exc_info=error, extra=fields(self._row))
            return self._given_back(delay=self._task.retries.wait(1))
        return failed(self._row, error, retries=self._task.retries)

    def _given_back(self, *, delay: float) -> Outcome:
        return Outcome(state=State.READY, attempts=self._row.attempts, errors=self._row.errors, delay=delay)

    def _was_away(self, error: BaseException) -> bool:
        """Tell whether the task met a database that is away, did nothing there, and bears being run again.

        One that broke in the middle is the task's own failure: it may have been what broke it. A task that is to run
        once at most may have worked elsewhere before, unless it is atomic.
        """
        failure = database_failure(error)
        repeatable = self._task.atomic or self._task.max_attempts > 1
        allowed = repeatable and self._task.retries.allow(error)
        return failure is not None and failure.did_nothing and allowed and report.forgives(self._row)

    # --- the call ---------------------------------------------------------------------------------------------------
    def _call(self, result: "TaskResult[..., Any]") -> Any:
        given: Sequence[Any] = ()
        if self._task.takes_context:
            given = [
                Context(
                    task_result=result, database=self._row.database, ends_at=self._time.ends_at, settle=self._settle,
                    doubt=self._doubt,
                )
            ]  # fmt: skip
        call = partial(self._task.func, *given, *self._row.args, **self._row.kwargs)
        return timing.call(call, self._time, deadline=self._deadline, about=fields(self._row))
