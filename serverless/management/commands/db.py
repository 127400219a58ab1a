"""`manage.py db bootstrap`: the users that functions connect as."""

from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from serverless.db import administrator
from serverless.db.bootstrap import Connection, bootstrap, missing
from serverless.db.users import Users, users
from serverless.exceptions import ServerlessError

NOT_READY = 3


class Command(BaseCommand):
    help = "Make the database ready for its users."
    # Models and their checks have no say in it, and the tables need not be there yet.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
        words = (
            "Make the users web, worker and migrator, with what each may do and how long it may take. Changes what is "
            "missing, says what that was, and may be run at any time. Connects as the administrator: see "
            f"{administrator.SECRET} and {administrator.URL}."
        )
        made = steps.add_parser("bootstrap", help=words, description=words)
        made.add_argument("--check", action="store_true", help=f"change nothing; exit with {NOT_READY} if it would")
        made.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections), help="an alias")
        made.add_argument("--prefix", default="", help="of the users' names, where databases share a server")

    def handle(self, *_: Any, check: bool, database: str, prefix: str, **__: Any) -> None:
        backend = getattr(settings, "TASKS", {}).get("default", {}).get("OPTIONS", {})
        wanted = users(prefix=prefix, worker_timeout=backend.get("FUNCTION_TIMEOUT"))
        try:
            parameters = administrator.parameters(connections[database].settings_dict)
            with psycopg.connect(**parameters, autocommit=True) as connection:
                self.stdout.write(_missing(connection, wanted) if check else _bootstrap(connection, wanted))
        except ServerlessError as error:
            raise CommandError(str(error)) from None
        except psycopg.OperationalError as error:
            raise CommandError(f"The administrator could not connect: {error}") from None


def _bootstrap(connection: Connection, wanted: Users) -> str:
    return "\n".join(bootstrap(connection, wanted)) or "Nothing was missing."


def _missing(connection: Connection, wanted: Users) -> str:
    steps = missing(connection, wanted)
    text = "\n".join(f"NOT {step.says}{' (which is not needed)' if step.optional else ''}" for step in steps)
    if not all(step.optional for step in steps):
        raise CommandError(f"`manage.py db bootstrap` is to be run:\n{text}", returncode=NOT_READY)
    return text or "Nothing is missing."
