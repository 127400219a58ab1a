"""``retry``, ``cancel``, ``redrive``, ``pause``, ``resume``, ``prune`` and ``wake``."""

import argparse
import getpass
from collections.abc import Callable
from uuid import UUID

from django.core.management.base import CommandError

from serverless.tasks.exceptions import UnknownName
from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate import dead_letters
from serverless.tasks.operate.cancel import cancel as cancel_rows
from serverless.tasks.operate.console.base import Console, choice, demand_choice, length
from serverless.tasks.operate.dead_letters import DeadLetters
from serverless.tasks.operate.retry import retry_dead
from serverless.tasks.operate.selection import in_batches
from serverless.tasks.upkeep.resend import wake_unfinished
from serverless.tasks.upkeep.retention import BATCH, DEFAULT
from serverless.tasks.upkeep.retention import prune as prune_batch
from serverless.tasks.work import pausing


def add_retry(parser: argparse.ArgumentParser) -> None:
    choice(parser, "dead tasks")


def retry(console: Console) -> None:
    def work(ids: list[UUID]) -> int:
        return retry_dead(TaskRow.objects.using(console.database).filter(pk__in=ids))

    _act(console, work, state=State.DEAD, what="dead task", would="would run again", done="will run again")


def add_cancel(parser: argparse.ArgumentParser) -> None:
    choice(parser, "tasks that have not begun to run")


def cancel(console: Console) -> None:
    def work(ids: list[UUID]) -> int:
        return len(cancel_rows(ids, database=console.database, by=_who()))

    _act(console, work, state=State.READY, what="waiting task", would="would be cancelled", done="cancelled")


def _act(
    console: Console, work: Callable[[list[UUID]], int], *, state: State, what: str, would: str, done: str
) -> None:
    demand_choice(console)
    ids = console.options["ids"]
    # Ids are taken as they are: the action's own statement judges the state.
    rows = console.selection(state=None if ids else state).rows(console.database)
    if not console.options["yes"]:
        count = rows.filter(state=state).count()
        console.say(f"{_many(count, what)} {would}.{' Add --yes to do it.' if count else ''}")
        return
    count = in_batches(rows, work)
    console.say(f"{_many(count, what)} {done}.")
    if len(ids) > count:
        console.say(f"{_many(len(ids) - count, 'id')} left alone: no such task here, or in another state.")


def add_redrive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("queue", help="the queue whose dead-letter queue is emptied into it")
    parser.add_argument("--limit", type=int, default=1000, help="at most so many messages (%(default)s)")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say how many there are")


def redrive(console: Console) -> None:
    letters = _find(console.options["queue"])
    if not console.options["yes"]:
        again = " Add --yes to send them there." if letters.count else ""
        console.say(f"About {_many(letters.count, 'message')} would go back to {letters.queue}.{again}")
        return
    sent = 0
    try:
        for letter in dead_letters.receive(letters, limit=console.options["limit"]):
            dead_letters.redrive(
                letters, body=letter.body, handle=letter.handle, message_attributes=letter.message_attributes
            )
            sent += 1
    except dead_letters.AWAY as error:
        raise CommandError(f"{_many(sent, 'message')} went back, then: {error}") from error
    console.say(f"{_many(sent, 'message')} went back to {letters.queue}.")


def _find(queue: str) -> DeadLetters:
    urls = dead_letters.queues()
    if queue not in urls:
        raise CommandError(f"{queue!r} is no queue in TASKS; there are: {', '.join(urls)}.")
    try:
        letters = dead_letters.find(queue, urls[queue])
    except dead_letters.AWAY as error:
        raise CommandError(f"{error} The queue {queue} was asked for its redrive policy.") from error
    if letters is None:
        raise CommandError(f"The queue {queue} has no dead-letter queue: give it a RedrivePolicy.")
    return letters


def add_pause(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="QUEUE|TASK", help="a queue, or the path of a task")
    parser.add_argument("--reason", default="", help="why, for whoever finds it paused")


def pause(console: Console) -> None:
    name, by = console.options["name"], _who()
    try:
        made = pausing.pause(name, database=console.database, by=by, reason=console.options["reason"])
    except UnknownName as error:
        raise CommandError(str(error)) from error
    said = "is paused; what is running runs to its end" if made else "was paused before"
    console.say(f"{name} {said}. `manage.py tasks resume {name}` ends it.")


def add_resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="QUEUE|TASK", help="what was paused")


def resume(console: Console) -> None:
    name = console.options["name"]
    count = pausing.resume(name, database=console.database)
    if count is None:
        raise CommandError(f"{name!r} is not paused; `manage.py tasks stats` shows what is.")
    console.say(f"{name} goes on; the next ticks send what is due. {_many(count, 'task')} brought forward for it.")


def add_prune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--older-than", type=length, required=True, metavar="AGE", help="ended that long ago: 30d")
    parser.add_argument("--state", choices=list(DEFAULT), default=State.DONE.value, help="(%(default)s)")


def prune(console: Console) -> None:
    state, age = State(console.options["state"]), console.options["older_than"]
    deleted, count = 0, BATCH
    while count == BATCH:
        count = prune_batch(console.database, state=state, age=age)
        deleted += count
        if count == BATCH:
            console.say(f"{deleted} deleted …")
    console.say(f"{_many(deleted, f'{state} task')} deleted.")


def add_wake(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--end-leases",
        action="store_true",
        help="also those that are being run; only where no worker is alive, or they may run twice",
    )


def wake(console: Console) -> None:
    count = wake_unfinished(database=console.database, end_leases=console.options["end_leases"])
    if count:
        console.say(f"{_many(count, 'unfinished task')} will be sent again.")


def _who() -> str:
    """Return the user of this process; a container's may have no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "manage.py tasks"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
