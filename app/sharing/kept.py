"""A share link as it was looked up within the last minute, if it still is what the database holds.

The cache never lets anybody in. What is kept carries its gallery's version, which the database raises with every change
of the gallery or of one of its links, in the same transaction. Whoever uses it reads the gallery's state, which the
page needs anyway, and throws it away if the version is another. So a link that was closed is closed at once, even if
no write to the cache ever arrives; an end in time is compared with the clock, as always.

The version is the primary's alone: a replica may not know yet that a link was closed. What was kept on one shard is
for that shard alone: a studio that was moved is looked up where it is.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, router

from app.accounts.models import Studio
from app.galleries.models import Gallery
from app.sharing import locks
from app.sharing.models import ShareLink
from app.sharing.queries import token_hash
from app.sharing.sheet import State, state_of
from serverless.db.replicas import using_primary, using_replicas
from serverless.db.shards import alias_of_work

__all__ = ["find"]

_SECONDS: Final = 60
# What pages show and doors ask. Anything else is fetched when somebody asks for it: deferred fields.
_KEPT: Final[Mapping[type[models.Model], tuple[str, ...]]] = {
    ShareLink: ("id", "studio_id", "gallery_id", "label", "expires_at", "revoked_at", "lock"),
    Gallery: ("id", "studio_id", "title", "event_date", "theme", "cover_id", "status", "version"),
    Studio: ("id", "slug", "name"),
}


def find(token: str, *, inside: Callable[[ShareLink], bool]) -> tuple[ShareLink | None, State | None]:
    """The link that the token opens, with its gallery and studio, and the gallery's state if that was asked for.

    One query: for the state of what was kept, or for the link; two where something has changed. What was kept is for
    those who are `inside`: whoever stands before a lock is asked by what the row counts.
    """
    if _reads_copies():
        return ShareLink.objects.by_token(token).first(), None
    shard = alias_of_work()
    key = f"sharing:link:{shard}:{token_hash(token)}"
    link = _read(cache.get(key), shard)
    if link is not None and inside(link) and (state := _state(link.gallery)) is not None:
        return link, state
    link = ShareLink.objects.by_token(token).first()
    if link is not None:
        cache.set(key, _written(link), _SECONDS)
    return link, None


def _reads_copies() -> bool:
    with using_replicas():
        return router.db_for_read(Gallery) != router.db_for_write(Gallery)


def _state(gallery: Gallery) -> State | None:
    """The gallery's state, if it is still the gallery that was kept."""
    try:
        with using_primary():
            state = state_of(gallery)
    except ObjectDoesNotExist:
        return None
    return state if state.version == gallery.version else None


def _written(link: ShareLink) -> dict[str, Any]:
    rows = (link, link.gallery, link.studio)
    kept = {type(row).__name__: {name: getattr(row, name) for name in _KEPT[type(row)]} for row in rows}
    # Which lock it is, by its kind and salt, and nothing that a guess could be compared with.
    kept["ShareLink"]["lock"] = link.lock and f"{locks.fingerprint(link.lock)}$"
    return kept


def _read(kept: Any, shard: str) -> ShareLink | None:
    """None for what is not there, and for what another release has written."""
    try:
        link, gallery, studio = (_row(model, kept[model.__name__], shard) for model in _KEPT)
    except (KeyError, TypeError):
        return None
    assert isinstance(link, ShareLink)  # noqa: S101 - for mypy, as the next two
    assert isinstance(gallery, Gallery)  # noqa: S101
    assert isinstance(studio, Studio)  # noqa: S101
    link.gallery, link.studio, gallery.studio = gallery, studio, studio
    return link


def _row(model: type[models.Model], values: Mapping[str, Any], db: str) -> models.Model:
    fields = [field.attname for field in model._meta.concrete_fields if field.attname in _KEPT[model]]  # noqa: SLF001 - documented: Model _meta API
    return model.from_db(db, fields, [values[name] for name in fields])
