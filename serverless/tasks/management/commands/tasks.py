"""`manage.py tasks`: look at background tasks and put them right."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from serverless.tasks.operate.console import acting, reading, working
from serverless.tasks.operate.console.base import Console


@dataclass(frozen=True, slots=True)
class Subcommand:
    run: Callable[[Console], None]
    add: Callable[[argparse.ArgumentParser], None]
    help: str


SUBCOMMANDS = {
    "stats": Subcommand(reading.stats, reading.add_stats, "How much waits, and what ran in the last hour."),
    "list": Subcommand(reading.list_rows, reading.add_list, "List tasks, the newest first."),
    "show": Subcommand(reading.show, reading.add_show, "Show one task: arguments, attempts, what happens next."),
    "retry": Subcommand(acting.retry, acting.add_retry, "Give dead tasks another round of attempts."),
    "cancel": Subcommand(acting.cancel, acting.add_cancel, "Take back tasks that have not begun to run."),
    "redrive": Subcommand(acting.redrive, acting.add_redrive, "Send the messages of a dead-letter queue again."),
    "pause": Subcommand(acting.pause, acting.add_pause, "Hold back a queue or a task until it is resumed."),
    "resume": Subcommand(acting.resume, acting.add_resume, "End a pause and wake what is due."),
    "prune": Subcommand(acting.prune, acting.add_prune, "Delete finished tasks that are older than an age."),
    "run": Subcommand(working.run, working.add_run, "Work on due tasks in this process, without Lambda."),
    "wake": Subcommand(
        acting.wake, acting.add_wake,
        "Let the next tick send a message for every unfinished task that is due: after a queue was purged or lost its "
        "messages. Without it they are sent as well, up to an hour later.",
    ),
}  # fmt: skip


class Command(BaseCommand):
    help = "Look at background tasks and put them right. `manage.py tasks SUBCOMMAND --help` says more."

    def add_arguments(self, parser: CommandParser) -> None:
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, subcommand in SUBCOMMANDS.items():
            added = subparsers.add_parser(name, help=subcommand.help, description=subcommand.help)
            added.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections), help="an alias")
            subcommand.add(added)

    def handle(self, *args: Any, subcommand: str, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        SUBCOMMANDS[subcommand].run(Console(out=self.stdout, options=options))
