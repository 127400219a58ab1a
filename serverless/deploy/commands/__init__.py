"""The commands of ``python -m serverless.deploy``: each module here is one, under its own name.

A command has a docstring, whose first line is its help, and two functions: ``add_arguments(parser)``, and
``run(options)``, which returns the exit code. What it raises of the family of ServerlessError is printed, without a
traceback.
May touch: what its room may. A command parses and prints; the work is done in the room that it calls.
"""

import argparse
import pkgutil
from importlib import import_module
from typing import Protocol, cast

__all__ = ["Command", "load", "names"]


class Command(Protocol):
    """What a module in this package offers."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> int: ...


def names() -> tuple[str, ...]:
    """Return the names of all commands, in order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Command:
    return cast("Command", import_module(f"{__name__}.{name}"))
