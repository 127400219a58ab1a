"""``stats``, ``list`` and ``show``."""

import argparse
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from serverless.tasks.models import Pause, State, TaskRow
from serverless.tasks.operate.console.base import Console, filters, row_id
from serverless.tasks.operate.wording import ago, duration, next_step, seconds
from serverless.tasks.upkeep import figures
from serverless.tasks.work import pausing

HOUR = timedelta(hours=1)


def add_stats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def stats(console: Console) -> None:
    depths, dead = figures.depths(console.database), figures.dead(console.database)
    recent = figures.recent(console.database, period=HOUR, steps=1)
    pauses = list(Pause.objects.using(console.database).all())
    if console.options["json"]:
        queues = [asdict(depth) | {"dead": dead.get(depth.queue, 0)} for depth in depths]
        tasks = [{"task": path, **asdict(found), "count": found.count} for path, found in recent.tasks.items()]
        paused = [
            {"name": pause.name, "since": pause.since, "by": pause.by, "reason": pause.reason} for pause in pauses
        ]
        console.json({"queues": queues, "last_hour": tasks, "paused": paused})
        return
    rows = [(d.queue, d.due, duration(d.oldest), d.later, d.running, d.lost, dead.get(d.queue, 0)) for d in depths]
    console.table(["QUEUE", "DUE", "OLDEST", "LATER", "RUNNING", "LOST", "DEAD"], rows)
    for pause in pauses:
        console.say(f"paused: {pause.name}, {_why(pause)}")
    console.say()
    if not recent.tasks:
        console.say("Nothing finished in the last hour.")
        return
    console.table(
        ["LAST HOUR", "COUNT", "FAILED", "RETRIES", "WAITED", "P95", "RAN", "P95"],
        [
            (path, f.count, f.failed, f.retries, *map(seconds, (f.waited, f.waited_p95, f.ran, f.ran_p95)))
            for path, f in recent.tasks.items()
        ],
    )


def _why(pause: Pause) -> str:
    said = [f"since {pause.since:%Y-%m-%d %H:%M}", f"by {pause.by}" if pause.by else "", pause.reason]
    return ", ".join(filter(None, said))


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=State.values, help="in this state")
    filters(parser)
    parser.add_argument("--limit", type=_limit, default=50, help="at most so many, the newest (%(default)s)")
    parser.add_argument("--json", action="store_true", help="as JSON, with arguments and errors")


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 100000.")
    return int(text)


def list_rows(console: Console) -> None:
    rows = list(console.selection().rows(console.database)[: console.options["limit"]])
    if console.options["json"]:
        console.json([fields(row) for row in rows])
        return
    if not rows:
        console.say("No task matches.")
        return
    now = console.now()
    console.table(
        ["ID", "STATE", "ATTEMPTS", "QUEUE", "TASK", "ENQUEUED"],
        [(row.pk, row.state, row.attempts, row.queue, row.path, ago(row.enqueued_at, now)) for row in rows],
    )


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=row_id, help="a task's id")
    parser.add_argument("--json", action="store_true", help="as JSON")


def show(console: Console) -> None:
    try:
        row = TaskRow.objects.using(console.database).get(pk=console.options["id"])
    except TaskRow.DoesNotExist:
        raise CommandError(
            f"There is no task {console.options['id']} in the database {console.database!r}: it was rolled back, "
            "deleted by retention, or is in another one (--database)."
        ) from None
    if console.options["json"]:
        console.json(fields(row))
        return
    now = console.now()
    for name, value in fields(row).items():
        if name not in {"errors", "id"}:
            console.say(f"{name:18}{value}")
    console.say(f"\n{next_step(row, now=now, paused=pausing.holding(row))}")
    for number, error in reversed(list(enumerate(row.errors, start=1))):
        console.say(f"\nAttempt {number}: {error['exception_class_path']}\n{error['traceback'].rstrip()}")


def fields(row: TaskRow) -> dict[str, Any]:
    """Return every field of a row as JSON knows it."""
    return {field.attname: getattr(row, field.attname) for field in TaskRow._meta.concrete_fields}  # noqa: SLF001 - Django's documented API
