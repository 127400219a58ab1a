"""Which key is where: the rows of one model in the default database, and their copies on the shards.

A shard has a copy of the row of each of its keys, so that foreign keys to it are the database's own there as anywhere,
joins find it, and work on a shard that has to hold the key's row holds one. The directory's row is the one that people
change; columns that count what lies on the shard (``owned``) are the copy's.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Final

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Model
from django.db.models.functions import Now
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.module_loading import import_string

from serverless.conf import conf
from serverless.db.moments import Moment
from serverless.db.shards.current import aliases, settle, using
from serverless.db.shards.exceptions import ShardClosed, UnknownKey

__all__ = ["KeyDirectory", "Place", "entered", "find_directory", "forget", "place_of", "serve"]

# Answers that an execution environment remembers: some 200 bytes each.
REMEMBERED: Final = 1000
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the rows of a key lie, and whether they may be read only, because they are being moved."""

    shard: str
    closed: bool = False


class KeyDirectory:
    """Answers from the rows of ``SERVERLESS["SHARDS"]["KEY"]``. A project's own may take its place, or inherit."""

    shard_field: ClassVar[str] = "shard"
    closed_field: ClassVar[str] = "moving_since"
    name_field: ClassVar[str] = "pk"
    """By what people name a key on a command line, besides its primary key."""
    owned: ClassVar[tuple[str, ...]] = ()
    """Columns that work on the shard changes: there the copy is right, and the directory's row is not."""

    @property
    def model(self) -> type[Model]:
        """The model of the keys."""
        return apps.get_model(conf().shards.key)

    def place(self, key: object) -> Place:
        """Look a key up. Raises UnknownKey."""
        return self.place_on(self.row(key))

    def place_on(self, row: Model) -> Place:
        """Return what a row of the directory says."""
        return Place(shard=getattr(row, self.shard_field), closed=getattr(row, self.closed_field) is not None)

    def row(self, key: object, *, alias: str = DEFAULT_DB_ALIAS) -> Model:
        """Return the row of a key, the directory's or a shard's. Raises UnknownKey."""
        try:
            found = self.model._default_manager.using(alias).filter(pk=key).first()  # noqa: SLF001 - documented
        except (ValidationError, ValueError, TypeError):  # a text that is no id
            found = None
        if found is None:
            raise UnknownKey(key)
        return found

    def named(self, text: str) -> Model:
        """Return the directory's row that somebody means. Raises UnknownKey."""
        found = self._rows().filter(**{self.name_field: text}).first() if self.name_field != "pk" else None
        return found or self.row(text)

    def copy_of(self, row: Model) -> Model:
        """Return the shard's own copy of a row of the directory; one that it lacks, it gets."""
        alias = self.place_on(row).shard
        if alias == DEFAULT_DB_ALIAS:
            return row
        found = self.model._default_manager.using(alias).filter(pk=row.pk).first()  # noqa: SLF001 - documented
        if found is None:
            self.plant(row, alias=alias)
            found = self.row(row.pk, alias=alias)
        return found

    def plant(self, row: Model, *, alias: str) -> None:
        """Write the copy of a row of the directory to a shard, or bring it up to date, but for what is its own."""
        if alias == DEFAULT_DB_ALIAS:
            return
        meta = row._meta  # noqa: SLF001 - documented
        kept = [field.name for field in meta.concrete_fields if not field.primary_key and field.name not in self.owned]
        copy = type(row).from_db(
            alias, [field.attname for field in meta.concrete_fields],
            [getattr(row, field.attname) for field in meta.concrete_fields],
        )  # fmt: skip
        self.model._default_manager.using(alias).bulk_create(  # noqa: SLF001 - documented
            [copy], update_conflicts=True, unique_fields=["pk"], update_fields=kept
        )

    def carry(self, key: object, *, source: str, target: str) -> None:
        """Give the row on ``target`` what is its own on ``source``."""
        self.plant(self.row(key), alias=target)
        values = {name: getattr(self.row(key, alias=source), name) for name in self.owned}
        if values:
            self._rows(target).filter(pk=key).update(**values)

    def is_carried(self, key: object, *, source: str, target: str) -> bool:
        """Whether both rows agree on that."""
        here, there = (self.row(key, alias=alias) for alias in (source, target))
        return all(getattr(here, name) == getattr(there, name) for name in self.owned)

    def remove_copy(self, key: object, *, alias: str) -> None:
        """Delete the copy of a row from a shard on which nothing refers to it any more."""
        if alias != DEFAULT_DB_ALIAS:
            # By itself: a deletion in Django's way is one of the key, and takes everything along.
            self._rows(alias).filter(pk=key)._raw_delete(alias)  # noqa: SLF001 - the one way without a cascade

    def delete(self, key: object) -> None:
        """Delete what each shard has of a key, before the directory's row goes: Django looks in one database alone.

        Also the old rows of a move that were not purged. Raises ShardClosed where it is being moved.
        """
        if self.place(key).closed:
            raise ShardClosed(key)
        for alias in aliases():
            if alias != DEFAULT_DB_ALIAS:
                with using(alias):
                    self._rows(alias).filter(pk=key).delete()
        moves = apps.get_model("shards", "Move")._default_manager.using(DEFAULT_DB_ALIAS)  # noqa: SLF001 - documented
        moves.filter(key=str(key), step="opened").update(step="purged", ended_at=Now())

    def close(self, key: object) -> None:
        """Let nothing of the key be written from now on, as far as others ask."""
        self._rows().filter(pk=key, **{self.closed_field: None}).update(**{self.closed_field: Now()})

    def open(self, key: object) -> None:
        """Let it be written again."""
        self._rows().filter(pk=key).update(**{self.closed_field: None})

    def before_switch(self, key: object, *, source: str, target: str) -> None:
        """Note whatever else has to be known of the key elsewhere. May come more than once."""

    def switch(self, key: object, *, source: str, target: str) -> bool:
        """Say that the key is on ``target``; False where it was not on ``source``, or is open."""
        closed = self._rows().filter(pk=key, **{self.shard_field: source}).exclude(**{self.closed_field: None})
        return bool(closed.update(**{self.shard_field: target}))

    def on(self, alias: str) -> Iterator[Model]:
        """Yield the directory's rows of a shard."""
        yield from self._rows().filter(**{self.shard_field: alias}).order_by("pk").iterator(chunk_size=500)

    def counts(self) -> dict[str, int]:
        """Return how many keys each shard has."""
        found = self._rows().order_by().values_list(self.shard_field).annotate(count=Count("pk"))
        return dict.fromkeys(aliases(), 0) | dict(found)

    def emptiest(self) -> str:
        """Return the shard with the fewest keys: where a new one goes."""
        counts = self.counts()
        return min(aliases(), key=lambda alias: counts[alias])

    def _rows(self, alias: str = DEFAULT_DB_ALIAS) -> Any:
        return self.model._default_manager.using(alias)  # noqa: SLF001 - documented


_places: OrderedDict[str, tuple[Moment, Place]] = OrderedDict()


@cache
def find_directory() -> KeyDirectory:
    """Return the project's directory."""
    made: KeyDirectory = import_string(conf().shards.directory)()
    return made


def place_of(key: object) -> Place:
    """Return where a key is, as of ``SECONDS`` ago at most. Raises UnknownKey, which is not remembered."""
    name, before = str(key), Moment()
    known = _places.get(name)
    if known is not None and known[0].age() < conf().shards.seconds:
        return known[1]
    place = find_directory().place(key)
    _places[name] = before, place
    _places.move_to_end(name)
    while len(_places) > REMEMBERED:
        _places.popitem(last=False)
    return place


def forget() -> None:
    """Forget every answer."""
    _places.clear()


def serve(request: HttpRequest, place: Place, *, key: object, writes: bool = True) -> None:
    """Settle the request on the shard of its key. Raises ShardClosed for one that writes while the key is moved.

    That is any but GET, HEAD and OPTIONS; ``writes=False`` says of another one that it does not.
    """
    if place.closed and writes and request.method not in _READS:
        raise ShardClosed(key)
    settle(place.shard)


@contextmanager
def entered(key: object) -> Iterator[None]:
    """Work on the shard of a key within. Raises UnknownKey, ShardClosed."""
    place = find_directory().place(key)
    if place.closed:
        raise ShardClosed(key)
    with using(place.shard):
        yield


@receiver(setting_changed)
def _forget(*, setting: str, **_: object) -> None:
    if setting == "SERVERLESS":
        find_directory.cache_clear()
        forget()
