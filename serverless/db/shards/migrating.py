"""What a shard lacks of the migrations that the default database has had.

It is never taken further: what a release keeps for after its switch waits on the shards, too.
"""

from collections.abc import Iterator

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from serverless.db.shards.exceptions import ShardError

__all__ = ["catching_up"]


def catching_up(alias: str) -> Iterator[tuple[str, ...]]:
    """Yield what `migrate` is to be told for this shard, one call after the other; nothing where nothing is left.

    Raises ShardError where the default database has no migrations, or the shard has some that it has not.
    """
    known = MigrationLoader(connections[DEFAULT_DB_ALIAS])
    done = set(known.applied_migrations or ()) & set(known.graph.nodes)
    if not done:
        raise ShardError("Nothing is migrated in the default database: manage.py migrate, then this again.")
    ahead = set(MigrationExecutor(connections[alias]).loader.applied_migrations) & set(known.graph.nodes) - done
    if ahead:
        names = ", ".join(sorted(".".join(one) for one in ahead))
        raise ShardError(f"{alias!r} is ahead of the default database ({names}): manage.py migrate first.")
    if done == set(known.graph.nodes):
        if _lacks(alias, done):
            yield ()
        return
    for target in sorted(one for one in done if not _of_its_app(known, one) & done):
        if target in _lacks(alias, done):
            yield target


def _of_its_app(known: MigrationLoader, key: tuple[str, str]) -> set[tuple[str, str]]:
    """Return what builds on it in the same app."""
    return {child.key for child in known.graph.node_map[key].children if child.key[0] == key[0]}


def _lacks(alias: str, done: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return done - set(MigrationLoader(connections[alias]).applied_migrations or ())
