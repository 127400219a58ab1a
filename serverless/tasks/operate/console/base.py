"""What the subcommands share: where they write, and how rows are chosen."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast
from uuid import UUID

from django.core.management.base import CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections

from serverless.tasks.models import State
from serverless.tasks.operate.selection import Selection, age


class Writer(Protocol):
    def write(
        self, msg: str = "", style_func: Callable[[str], str] | None = None, ending: str | None = None
    ) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """One call of the command: its options, and where its output goes."""

    out: Writer
    options: dict[str, Any]

    @property
    def database(self) -> str:
        return str(self.options["database"])

    def say(self, text: str = "") -> None:
        self.out.write(text)

    def json(self, value: Any) -> None:
        self.say(json.dumps(value, indent=2, cls=DjangoJSONEncoder, ensure_ascii=False))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Write columns as wide as their content; numbers to the right."""
        lines = [[str(cell) for cell in row] for row in (head, *rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        right = [all(isinstance(row[index], int | float) for row in rows) for index in range(len(head))]
        for line in lines:
            cells = (
                cell.rjust(width) if to_right else cell.ljust(width)
                for cell, width, to_right in zip(line, widths, right, strict=True)
            )
            self.say("  ".join(cells).rstrip())

    def selection(self, *, state: State | None = None) -> Selection:
        """Return what the options choose, in ``state`` unless they name one."""
        given = self.options.get("state")
        older: timedelta | None = self.options["older_than"]
        return Selection(
            ids=self.options.get("ids") or (),
            state=State(given) if given else state,
            queue=self.options["queue"],
            task=self.options["task"],
            before=None if older is None else self.now() - older,
        )

    def now(self) -> datetime:
        with connections[self.database].cursor() as cursor:
            cursor.execute("SELECT statement_timestamp()")
            (now,) = cursor.fetchone()
        return cast("datetime", now)

    def chosen(self) -> bool:
        """Tell whether anything was chosen at all."""
        return any(self.options.get(name) for name in ("ids", "queue", "task", "older_than"))


def length(text: str) -> timedelta:
    try:
        return age(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def row_id(text: str) -> UUID:
    """Read a row's id, or a result's (``default:0199…``)."""
    try:
        return UUID(text.rpartition(":")[2])
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no id of a task; `manage.py tasks list` shows them.") from None


def filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--queue", default="", help="of this queue")
    parser.add_argument("--task", default="", metavar="PATH", help="whose path begins so: app.media.tasks.develop")
    parser.add_argument("--older-than", type=length, metavar="AGE", help="enqueued that long ago: 90s, 15m, 6h, 30d")


def choice(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("ids", nargs="*", type=row_id, metavar="ID", help=f"{what}; or choose by the options below")
    filters(parser)
    parser.add_argument("--all", action="store_true", help=f"every one: {what}")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say how many there are")


def demand_choice(console: Console) -> None:
    if not console.chosen() and not console.options["all"]:
        raise CommandError("Name ids, choose with --queue, --task or --older-than, or say --all.")
