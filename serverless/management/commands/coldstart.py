"""``manage.py coldstart``."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from serverless import coldstart


class Command(BaseCommand):
    help = (
        "Start this project in a fresh process as Lambda does, and name the imports that cost its cold start most, "
        "with what to do about each."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--svg", type=Path, metavar="FILE", help="draw a flame picture, too")
        parser.add_argument("--top", type=_count, default=15, help="how many to name (15)")
        parser.add_argument("--runs", type=_count, default=3, help="of how many starts to take the quickest (3)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            start = coldstart.measure(runs=options["runs"])
        except coldstart.NoColdStart as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(coldstart.text(start, top=options["top"]))
        if (file := options["svg"]) is not None:
            try:
                file.write_text(coldstart.svg(start), "utf-8")
            except OSError as problem:
                raise CommandError(f"{file} cannot be written: {problem.strerror}.") from None
            self.stdout.write(f"\nThe picture is in {file}.")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
