"""`manage.py seed`: many rows, for measuring."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, IntegrityError, InternalError, OperationalError, ProgrammingError, connections

from app.accounts.models import Studio
from app.seeding.loading import load
from app.seeding.rows import Rows
from app.seeding.sizes import Impossible, Sizes
from serverless.db.shards import aliases


class Command(BaseCommand):
    """Makes rows without files, the same ones for the same number."""

    help = (
        "Fill a database with studios, galleries, photos and access events, through COPY, for measuring and "
        "for EXPLAIN. No photo has a file. Connect as the owner of the tables, not through RDS Proxy."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, and what has to be said to be believed."""
        for name, amount in (("photos", 1_000_000), ("galleries", 10_000), ("events", 10_000_000)):
            parser.add_argument(f"--{name}", type=int, default=amount, help=f"usually {amount:,}")
        parser.add_argument("--studios", type=int, default=0, help="usually one to each 40 galleries")
        parser.add_argument("--seed", type=int, default=1, help="another number makes other rows")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections), help="an alias")
        parser.add_argument("--add", action="store_true", help="to a database that holds studios already")
        parser.add_argument("--anyway", action="store_true", help="even where DEMO is off, as it is in production")

    def handle(self, *_: Any, database: str, seed: int, add: bool, anyway: bool, **options: Any) -> None:
        """Refuse, or load and say how it goes."""
        try:
            sizes = Sizes(**{name: options[name] for name in ("photos", "galleries", "events", "studios")})
        except Impossible as problem:
            raise CommandError(str(problem)) from None
        if getattr(settings, "DEMO", False) is not True and not anyway:
            raise CommandError("DEMO is off, so this may be production: made-up rows belong there with --anyway alone.")
        if database in aliases() and database != DEFAULT_DB_ALIAS:
            raise CommandError("Studios begin in the default database: seed that one, and move them by `shards move`.")
        try:
            if not add and Studio.objects.using(database).exists():
                raise CommandError("There are studios in this database. --add leaves them and adds made-up ones.")
            load(Rows(sizes=sizes, seed=seed), database=database, say=self.stdout.write)
        except IntegrityError as error:
            raise CommandError(
                f"Nothing was loaded: the rows of seed {seed} are here. Choose another. ({error})"
            ) from None
        except (InternalError, OperationalError, ProgrammingError) as error:  # a replica takes no writes
            raise CommandError(f"Nothing was loaded: {error}") from None
