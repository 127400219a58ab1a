"""The project's migrations in the order in which they run, and which of them are new. Without a database."""

import re
import sysconfig
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

__all__ = ["History", "applied", "name_of"]

type Key = tuple[str, str]

_APPLIED: Final = re.compile(r"^\[X\]\s+(\S+\.\S+)", re.MULTILINE)
_PACKAGES: Final = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib"))


def applied(text: str) -> set[str]:
    """Return the names of applied migrations out of what ``showmigrations --plan`` has printed."""
    return set(_APPLIED.findall(text))


def name_of(migration: Migration) -> str:
    return f"{migration.app_label}.{migration.name}"


class History:
    """``since`` names migrations that are applied: those and whatever they depend on are not new.

    A squashed migration is applied where all that it replaces are. ``unknown`` are names that this project lacks: of
    migrations that it has dropped since.
    """

    def __init__(self, since: Iterable[str] = ()) -> None:
        self.loader = MigrationLoader(None, ignore_no_migrations=True)
        graph, given = self.loader.graph, set(since)
        squashed = {
            ".".join(key)
            for key, migration in self.loader.replacements.items()
            if all(".".join(replaced) in given for replaced in migration.replaces)
        }
        self.unknown = sorted(given - {".".join(key) for key in self.loader.disk_migrations})
        keys = [key for key in graph.nodes if ".".join(key) in given | squashed]
        self._old: frozenset[Key] = frozenset(each for key in keys for each in graph.forwards_plan(key))

    @cached_property
    def ordered(self) -> list[Migration]:
        """All migrations, each after those that it depends on."""
        graph = self.loader.graph
        keys = (key for leaf in sorted(graph.leaf_nodes()) for key in graph.forwards_plan(leaf))
        return [graph.nodes[key] for key in dict.fromkeys(keys)]

    @property
    def is_first(self) -> bool:
        """Whether there is no release before this one: nobody serves, and no table has rows."""
        return not self._old

    def is_new(self, migration: Migration) -> bool:
        return (migration.app_label, migration.name) not in self._old

    def is_ours(self, migration: Migration) -> bool:
        """Whether it is the project's; packages keep their own promises."""
        path = Path(apps.get_app_config(migration.app_label).path)
        return not any(path.is_relative_to(packages) for packages in _PACKAGES)

    def new(self) -> list[Migration]:
        """The new migrations, packages' too, in their order."""
        return [migration for migration in self.ordered if self.is_new(migration)]

    def needed_by(self, migration: Migration) -> list[Migration]:
        """Whatever runs before ``migration`` because it depends on it."""
        graph = self.loader.graph
        return [graph.nodes[key] for key in graph.forwards_plan((migration.app_label, migration.name))[:-1]]
