"""A command that goes wrong in every way that one can."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

FOREVER = 60


def _prints() -> None:
    print("by hand")  # noqa: T201
    sys.stderr.write("to the other side \udc80\n")


def _swallows() -> None:
    until = time.monotonic() + FOREVER
    while time.monotonic() < until:
        with suppress(BaseException):  # the bad habit that is tested
            time.sleep(FOREVER)


def _works() -> None:
    Session.objects.create(session_key="committed", session_data="", expire_date=timezone.now())
    with transaction.atomic():
        Session.objects.create(session_key="late", session_data="", expire_date=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [FOREVER])


def _raises(error: BaseException) -> None:
    raise error


def _much() -> None:
    for number in range(2_000):
        print(f"{number:6d}" + "\x01" * 994)  # noqa: T201
    print("the end")  # noqa: T201


WAYS: dict[str, Callable[[], object]] = {
    "prints": _prints,
    "swallows": _swallows,
    "works": _works,
    "much": _much,
    "at-once": lambda: print("x" * 3_000_000 + "the end"),  # noqa: T201
    "exits": lambda: sys.exit(7),
    "exits-well": lambda: sys.exit(None),
    "exits-with-words": lambda: sys.exit("for a reason"),
    "refuses": lambda: _raises(CommandError("not today", returncode=9)),
    "fails": lambda: _raises(IntegrityError("duplicate key\nDETAIL:  Key (email)=(a@b.example) already exists.\n")),
}


class Command(BaseCommand):
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("way", choices=WAYS)

    def handle(self, *_: Any, **options: Any) -> None:
        self.stdout.write("begun")
        WAYS[options["way"]]()
