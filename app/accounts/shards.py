"""Where a studio's rows lie. Without shards, in the one database there is, and nothing is asked or set."""

from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest

from app.accounts.models import Studio
from serverless.db import shards

__all__ = ["delete_on_shards", "enter", "keep_copy", "shard_for_new"]


def enter(request: HttpRequest, studio: Studio) -> Studio:
    """Settle the request on the studio's shard, and return the studio as that one has it.

    Raises ShardClosed for a request that writes while the studio is moved.
    """
    if not shards.is_on():
        if studio.shard != DEFAULT_DB_ALIAS:
            raise shards.ShardError(f"The studio lies on {studio.shard!r}, and DATABASE_SHARD_URLS names no shard.")
        return studio
    directory = shards.find_directory()
    shards.serve(request, directory.place_on(studio), key=studio.pk)
    return cast("Studio", directory.copy_of(studio))


def shard_for_new() -> str:
    """Return the shard that a new studio goes to: the one with the fewest."""
    return shards.find_directory().emptiest() if shards.is_on() else DEFAULT_DB_ALIAS


def keep_copy(sender: object, instance: Studio, using: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Tell the shard what was changed of a studio. Where it does not answer, the change fails."""
    if shards.is_on() and using == DEFAULT_DB_ALIAS:
        row = shards.find_directory().row(instance.pk)  # what was saved may have been read before a move
        shards.find_directory().plant(row, alias=shards.find_directory().place_on(row).shard)


def delete_on_shards(sender: object, instance: Studio, using: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Delete what a studio has elsewhere before the directory forgets it. Raises ShardClosed."""
    if shards.is_on() and using == DEFAULT_DB_ALIAS:
        shards.find_directory().delete(instance.pk)
