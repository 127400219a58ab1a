"""A primary and its replica in the place of a database of settings."""

from django.apps import apps
from django.db import connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from tests.replication import Pair
from tests.serverless.db.replicas.conftest import entry


class standing_in:  # noqa: N801 - read as a word of a with statement
    """Have an alias mean the primary and "copy" the replica, until the block ends."""

    def __init__(self, pair: Pair, *, alias: str = "default") -> None:
        self._pair = pair
        self._alias = alias

    def __enter__(self) -> None:
        self._wrapper, self._entry = connections[self._alias], connections.settings[self._alias]
        entries = {self._alias: entry(self._pair.url("primary")), "copy": entry(self._pair.url("replica"))}
        # Django wants one of that name among them.
        configured = connections.configure_settings({"default": {}} | entries)
        connections.settings |= {alias: configured[alias] for alias in entries}
        for alias in entries:
            connections[alias] = connections.create_connection(alias)
            # Now: later, Django's tests let no alias be connected to that is not among their databases.
            connections[alias].connect()

    def __exit__(self, *_: object) -> None:
        for alias in (self._alias, "copy"):
            connections[alias].close()
        del connections["copy"], connections.settings["copy"]
        connections[self._alias], connections.settings[self._alias] = self._wrapper, self._entry


def make_tables(editor: BaseDatabaseSchemaEditor) -> None:
    """Make every table anew, without the time that migrations take, and without their triggers."""
    editor.execute("DROP SCHEMA public CASCADE")
    editor.execute("CREATE SCHEMA public")
    for model in apps.get_models():
        editor.create_model(model)
