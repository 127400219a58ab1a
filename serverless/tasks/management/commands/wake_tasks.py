"""`manage.py wake_tasks`: send unfinished tasks again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from serverless.tasks.resend import wake_unfinished


class Command(BaseCommand):
    help = (
        "Let the next tick send a message for every unfinished task that is due: after a queue was purged or lost its "
        "messages. Without it they are sent as well, up to an hour later."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections), help="an alias")
        parser.add_argument(
            "--end-leases",
            action="store_true",
            help="also those that are being run; only where no worker is alive, or they may run twice",
        )

    def handle(self, *args: Any, database: str, end_leases: bool, **options: Any) -> None:  # noqa: ARG002
        count = wake_unfinished(database=database, end_leases=end_leases)
        if count:
            self.stdout.write(f"{count} unfinished task{'s' if count > 1 else ''} will be sent again.")
