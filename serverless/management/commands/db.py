"""`manage.py db bootstrap`: the users that functions connect as."""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from serverless.db import administrator
from serverless.db.bootstrap import Connection, bootstrap, missing
from serverless.db.exceptions import BootstrapFailed
from serverless.db.steps import Step
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
            "missing, says what that was, and may be run at any time. Where anything is, it connects as the "
            f"administrator: see {administrator.SECRET} and {administrator.URL}."
        )
        made = steps.add_parser("bootstrap", help=words, description=words)
        made.add_argument("--check", action="store_true", help=f"change nothing; exit with {NOT_READY} if it would")
        made.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections), help="an alias")
        made.add_argument("--prefix", default="", help="of the users' names, where databases share a server")

    def handle(self, *_: Any, check: bool, database: str, prefix: str, **__: Any) -> None:
        backend = getattr(settings, "TASKS", {}).get("default", {}).get("OPTIONS", {})
        wanted = users(prefix=prefix, worker_timeout=backend.get("FUNCTION_TIMEOUT"))
        try:
            steps = _asked(connections[database], wanted)
            if steps is None or _needed(steps):
                with administrator.connect(connections[database].settings_dict) as connection:
                    said = _missing(missing(connection, wanted)) if check else _bootstrap(connection, wanted)
            else:
                said = _missing(steps)
        except ServerlessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(said)


def _asked(wrapper: BaseDatabaseWrapper, wanted: Users) -> Sequence[Step] | None:
    """Return what is missing, by whom the functions connect as: most often nothing, and no administrator is needed.

    None where that user cannot tell: it may be yet to be made.
    """
    try:
        with cast("Connection", wrapper.get_new_connection(wrapper.get_connection_params())) as connection:
            return missing(connection, wanted)
    except (psycopg.Error, BootstrapFailed):
        return None


def _needed(steps: Sequence[Step]) -> bool:
    return not all(step.optional for step in steps)


def _bootstrap(connection: Connection, wanted: Users) -> str:
    return "\n".join(bootstrap(connection, wanted)) or "Nothing was missing."


def _missing(steps: Sequence[Step]) -> str:
    text = "\n".join(f"NOT {step.says}{' (which is not needed)' if step.optional else ''}" for step in steps)
    if _needed(steps):
        raise CommandError(f"`manage.py db bootstrap` is to be run:\n{text}", returncode=NOT_READY)
    return text or "Nothing is missing."
