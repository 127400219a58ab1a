"""One invocation's work: which rows run, in which order, and when to stop before Lambda stops the function."""

import logging
import os
import time
from collections.abc import Sequence
from uuid import UUID

from serverless import context
from serverless.db.again import patiently
from serverless.db.failures import DATABASE_ERRORS
from serverless.deadline import Deadline
from serverless.tasks.exceptions import WorkerLost
from serverless.tasks.models import TaskRow
from serverless.tasks.produce import outbox
from serverless.tasks.produce.outbox import Wake
from serverless.tasks.values import describe
from serverless.tasks.work import gates, lease, worker

logger = logging.getLogger(__name__)

# The lease outlives the function, which is killed at its timeout, by a margin for the way there and back.
LEASE_MARGIN = 10.0
# Outside Lambda nothing kills a worker: as long as the longest function may run
# (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
DEFAULT_LEASE = 900.0
# Seconds that must be left for one more row, or as many as the longest so far took. It covers writing the outcome.
RESERVE = 5.0
# A suspect that shares its invocation gets at least this part of the time, so that it is not charged for the others'.
SUSPECT_SHARE = 0.5
# The first statement after a freeze may find its connection gone.
CLAIM_PAUSES = (0.0,)


class Shift:
    """Runs the rows of one event, database by database.

    Innocent rows first. Then at most one suspect, a row whose last lease ended without a report: it may be what killed
    the worker, so nothing else is under lease while it runs, and only such lone crashes count as attempts.
    """

    def __init__(self, *, deadline: Deadline | None = None) -> None:
        self._deadline = deadline
        self._budget = context.remaining()
        self._longest = 0.0
        self._started = 0

    def run(self, ids: Sequence[UUID], *, database: str) -> set[UUID]:
        """Run what is due of ``ids``; return the rows that could not be read or written."""
        try:
            rows = patiently(
                lambda: lease.claim(ids, database=database, seconds=_lease_seconds(), worker=_worker_id()),
                database=database,
                pauses=CLAIM_PAUSES,
            )
        except DATABASE_ERRORS as error:
            _log_away("tasks not claimed", error, count=len(ids))
            return set(ids)
        unsettled = self._run_claimed(rows, database=database)
        if unclaimed := set(ids) - {row.pk for row in rows}:
            unsettled |= self._run_held(list(unclaimed), database=database)
            unsettled |= self._run_suspect(list(unclaimed), database=database)
        return unsettled

    def _run_claimed(self, rows: Sequence[TaskRow], *, database: str) -> set[UUID]:
        for index, row in enumerate(rows):
            if not self._time_left():
                logger.info("time is nearly up, tasks given back", extra={"count": len(rows) - index})
                return _give_back(rows[index:], database=database)
            if not self._settle(row):
                return {row.pk} | _give_back(rows[index + 1 :], database=database)
        return set()

    def _run_held(self, ids: Sequence[UUID], *, database: str) -> set[UUID]:
        """Run those that wait for others, each claimed when its turn may have come."""
        try:
            rows = gates.held(ids, database=database)
        except DATABASE_ERRORS as away:
            _log_away("tasks not claimed", away, count=len(ids))
            return set(ids)
        for index, row in enumerate(rows):
            if not self._time_left():
                return _send(rows[index:])
            try:
                claimed = gates.claim(row, seconds=_lease_seconds(), worker=_worker_id())
            except DATABASE_ERRORS as away:
                _log_away("tasks not claimed", away, count=len(rows) - index)
                return {other.pk for other in rows[index:]}
            if claimed is not None and not self._settle(claimed):
                return {other.pk for other in rows[index:]}
        return set()

    def _run_suspect(self, ids: Sequence[UUID], *, database: str) -> set[UUID]:
        try:
            suspects = lease.suspects(ids, database=database)
            alone = suspects[:1] if self._time_for_suspect() else []
            # Sent before the run, which may end this process.
            unsent = _send(suspects[len(alone) :])
            error = describe(WorkerLost(WorkerLost.__doc__))
            claimed = [
                lease.claim_suspect(row, seconds=_lease_seconds(), worker=_worker_id(), error=error) for row in alone
            ]
        except DATABASE_ERRORS as away:
            _log_away("suspects not claimed", away, count=len(ids))
            return set(ids)
        return unsent | {row.pk for row in claimed if row is not None and not self._settle(row)}

    def _settle(self, row: TaskRow) -> bool:
        """Run one leased row; False where its outcome could not be written."""
        self._started += 1
        began = time.monotonic()
        try:
            worker.run(row, deadline=self._deadline)
        except DATABASE_ERRORS as error:
            _log_away("outcome not written", error, count=1)
            return False
        finally:
            self._longest = max(self._longest, time.monotonic() - began)
        return True

    def _time_left(self) -> bool:
        """Tell whether one more row fits. The first always does: a function too short for RESERVE must not idle."""
        left = context.remaining()
        return left is None or self._started == 0 or left > max(RESERVE, self._longest)

    def _time_for_suspect(self) -> bool:
        left = context.remaining()
        return left is None or self._budget is None or self._started == 0 or left >= self._budget * SUSPECT_SHARE


def _give_back(rows: Sequence[TaskRow], *, database: str) -> set[UUID]:
    """Release leases of rows that were not started and send for them again; return those where it failed."""
    if not rows:
        return set()
    try:
        released = lease.release(rows, database=database)
    except DATABASE_ERRORS as error:
        _log_away("leases not given back", error, count=len(rows))
        return {row.pk for row in rows}
    outbox.send([Wake.of(row, delay=row.due_in) for row in released])
    return set()


def _send(rows: Sequence[TaskRow]) -> set[UUID]:
    """Send for rows that keep their ``wake_at``, an hour away perhaps; return them where SQS did not take them all."""
    return set() if outbox.send([Wake.of(row) for row in rows]) == len(rows) else {row.pk for row in rows}


def _lease_seconds() -> float:
    left = context.remaining()
    return DEFAULT_LEASE if left is None else max(left, 0.0) + LEASE_MARGIN


def _worker_id() -> str:
    """Return the request id, which finds the invocation's log; a process id outside Lambda."""
    invocation = context.current()
    return f"process {os.getpid()}" if invocation is None else invocation.request_id


def _log_away(message: str, error: Exception, *, count: int) -> None:
    logger.warning(message, extra={"count": count, "reason": type(error).__name__})
