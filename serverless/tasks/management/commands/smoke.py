"""`manage.py smoke`: a task's way through a worker, tried by a release before visitors meet it."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.tasks import task_backends
from django.tasks.exceptions import TaskResultDoesNotExist

from serverless.tasks.backend import SQSBackend
from serverless.tasks.models import State, TaskRow
from serverless.tasks.results import parse_result_id

NOT_YET = 3


class Command(BaseCommand):
    help = "Try a task's way through a worker: `enqueue` inserts one and sends nothing, `finished` tells how it went."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
        words = "Insert a task that does nothing. Prints JSON: task, database, message (the body that wakes a worker), "
        steps.add_parser("enqueue", help=words + "paused.", description=words + "paused.")
        words = "Exit with 0 and the task's value once it is done, with 3 while it is not, with 1 if it failed."
        finished = steps.add_parser("finished", help=words, description=words)
        finished.add_argument("task", metavar="ID", help="what `smoke enqueue` printed as task")

    def handle(self, *_: Any, step: str, **options: Any) -> None:
        self.stdout.write(json.dumps(_enqueue() if step == "enqueue" else _finished(options["task"])))


def _enqueue() -> dict[str, Any]:
    if not isinstance(task_backends["default"], SQSBackend):
        raise CommandError('TASKS["default"] is no SQSBackend: no worker to try.')
    # Below the check: the task is made for that backend.
    from serverless.tasks.smoke import insert_unsent

    return asdict(insert_unsent())


def _finished(identifier: str) -> Any:
    try:
        database, key = parse_result_id(identifier)
        row = TaskRow.objects.using(database).get(pk=key)
    except (TaskResultDoesNotExist, TaskRow.DoesNotExist):
        raise CommandError(f"There is no task {identifier!r}; `manage.py smoke enqueue` makes one.") from None
    if row.state == State.DONE:
        return row.return_value
    if row.state == State.DEAD:
        raise CommandError(f"The task failed: `manage.py tasks show {key}` tells how.")
    raise CommandError(f"The task is not done yet: it is {row.state}.", returncode=NOT_YET)
