"""`manage.py shards`: which keys are where, migrating all shards, and moving a key from one to another."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from serverless.db.shards.current import aliases
from serverless.db.shards.directory import find_directory
from serverless.db.shards.exceptions import ShardError
from serverless.db.shards.migrating import catching_up
from serverless.db.shards.models import UNFINISHED, Move
from serverless.db.shards.mover import give_up, move, purge
from serverless.db.shards.mover.steps import DRAIN_S, Patience


class Command(BaseCommand):
    """One sub-command an operation."""

    help = "List shards, migrate them all, move a key from one to another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`move`, `open` and `purge` take a key: its id, or the name that the directory knows it by."""
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="the shards, how many keys each has, and moves that are not over")
        migrate = commands.add_parser(
            "migrate", help="bring each shard, and its copies of keys, to where the default database is"
        )
        migrate.add_argument("--verbosity", type=int, default=1, choices=range(4))
        mover = commands.add_parser("move", help="move a key to another shard, or go on with its move")
        mover.add_argument("key")
        mover.add_argument("--to", required=True, metavar="SHARD")
        mover.add_argument(
            "--drain", type=_seconds, default=DRAIN_S, metavar="SECONDS",
            help=f"for requests that were under way when it was closed ({DRAIN_S:.0f})",
        )  # fmt: skip
        mover.add_argument(
            "--tasks", type=_seconds, default=900.0, metavar="SECONDS", help="for its running tasks (900)"
        )
        opener = commands.add_parser("open", help="give a move up that has not switched yet")
        opener.add_argument("key")
        purger = commands.add_parser("purge", help="delete the old rows of a key that was moved")
        purger.add_argument("key")
        purger.add_argument("--anyway", action="store_true", help="although they were changed after the copy")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Run one. Ctrl-C and errors leave a move where it is; the same command goes on with it."""
        if not aliases():
            if options["command"] == "migrate":  # part of every start and release, with shards or without
                return
            raise CommandError('There are no shards: SERVERLESS["SHARDS"]["ALIASES"] is empty.')
        try:
            getattr(self, f"_{options['command']}")(**options)
        except ShardError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. The same command goes on from here; `manage.py shards open` gives the move up.",
                returncode=130,
            ) from None

    def _list(self, **_: Any) -> None:
        for alias, count in find_directory().counts().items():
            self.stdout.write(
                f"{alias}: {count} keys" if alias in aliases() else f"{alias}: {count} keys, and no shard"
            )
        for one in Move.objects.using(DEFAULT_DB_ALIAS).filter(step__in=UNFINISHED):
            self.stdout.write(str(one))

    def _migrate(self, *, verbosity: int, stdout: Any = None, **_: Any) -> None:
        for alias in aliases():
            if alias != DEFAULT_DB_ALIAS:
                if verbosity:
                    self.stdout.write(f"Shard {alias}:")
                for words in catching_up(alias):
                    call_command(
                        "migrate", *words, database=alias, interactive=False, verbosity=verbosity, stdout=stdout
                    )
            for row in find_directory().on(alias):
                find_directory().plant(row, alias=alias)

    def _move(self, *, key: str, to: str, drain: float, tasks: float, **_: Any) -> None:
        row = find_directory().named(key)
        move(row.pk, to=to, patience=Patience(drain=drain, tasks=tasks), say=self._say)

    def _open(self, *, key: str, **_: Any) -> None:
        give_up(find_directory().named(key).pk, say=self._say)

    def _purge(self, *, key: str, anyway: bool, **_: Any) -> None:
        purge(find_directory().named(key).pk, anyway=anyway, say=self._say)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _seconds(text: str) -> float:
    if not (value := float(text)) >= 0:
        raise ValueError("not negative")
    return value
