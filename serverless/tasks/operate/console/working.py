"""``run``: a worker without Lambda or SQS, straight from the table."""

import argparse
import logging
import os
import signal
import socket
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from uuid import UUID

from django.db import close_old_connections
from django.db.models.functions import Now

from serverless import context
from serverless.db.failures import DATABASE_ERRORS
from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate.console.base import Console
from serverless.tasks.work import lease, pausing, tally
from serverless.tasks.work.shift import DEFAULT_LEASE, Shift

logger = logging.getLogger(__name__)

# Rows looked up at once; each is claimed when its turn comes, so that nothing waits under a lease.
LOOK_AHEAD = 10
IDLE_PAUSE = 1.0
AWAY_PAUSE = 5.0


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--until-empty", action="store_true", help="end once nothing is due")
    parser.add_argument("--queue", default="", help="of this queue alone")


def run(console: Console) -> None:
    """Run what is due, one task at a time. Ctrl-C ends after the present task, a second one breaks it off."""
    stop = _Stop()
    console.say("Working; Ctrl-C ends after the present task, twice gives it back.")
    ran = 0
    held: set[UUID] = set()  # in this round: they wait for tasks that others run, and hold up none behind them
    with stop.listening():
        while not stop.asked:
            ids = _due(console, without=held)
            for row in ids:
                if not stop.asked and _work(row, database=console.database):
                    ran += 1
                else:
                    held.add(row)
            if not ids:
                if console.options["until_empty"] and not held:
                    break
                held.clear()
                time.sleep(0 if stop.asked else IDLE_PAUSE)
    console.say(f"{ran} run{'' if ran == 1 else 's'}.")


@dataclass(slots=True)
class _Stop:
    """Ctrl-C and SIGTERM: the first asks, the second raises KeyboardInterrupt."""

    asked: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's signature
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What stands for Lambda's context: an id that no other worker has, and as long as the longest function."""

    function_name: str = "tasks run"
    aws_request_id: str = field(default_factory=lambda: f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}")

    def get_remaining_time_in_millis(self) -> int:
        return round(DEFAULT_LEASE * 1000)


def _due(console: Console, *, without: Collection[UUID]) -> list[UUID]:
    rows = pausing.not_paused(TaskRow.objects.using(console.database)).filter(wake_at__isnull=False, due_at__lte=Now())
    if queue := console.options["queue"]:
        rows = rows.filter(queue=queue)
    try:
        close_old_connections()
        return list(rows.exclude(pk__in=without).order_by("-priority", "pk").values_list("pk", flat=True)[:LOOK_AHEAD])
    except DATABASE_ERRORS as error:
        if console.options["until_empty"]:
            raise
        logger.warning("database away", extra={"reason": type(error).__name__})
        time.sleep(AWAY_PAUSE)
        return []


def _work(row: UUID, *, database: str) -> int:
    """Run one row, if it is still to be had. An interrupted one is given back, and counts no attempt."""
    turn = _Turn()
    try:
        with context.invocation(turn):
            Shift().run([row], database=database)
    except KeyboardInterrupt:
        mine = TaskRow.objects.using(database).filter(pk=row, state=State.RUNNING)
        lease.release([held for held in mine if held.worker_ids[-1:] == [turn.aws_request_id]], database=database)
        raise
    finally:
        tally.emit()
    return TaskRow.objects.using(database).filter(pk=row, worker_ids__contains=[turn.aws_request_id]).count()
