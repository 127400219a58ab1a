"""From a share link's address to the shard of its studio. Without shards nothing is asked.

The default database knows the studios of links that were made elsewhere; what it does not know is a link of its own, as
all were before there were shards, or none. A link's studio never changes, so that it is remembered.
"""

import uuid
from collections import OrderedDict
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest

from app.sharing.models import LinkAddress, ShareLink
from app.sharing.queries import token_hash
from serverless.db import shards

__all__ = ["Studios", "enter_by_link", "enter_by_token", "note_address"]

# Links that an execution environment remembers: 200 bytes each.
_REMEMBERED: Final = 5000
_studios: OrderedDict[str, uuid.UUID] = OrderedDict()


class Studios(shards.KeyDirectory):
    """Loupe's directory: studios, and with them the addresses of their links."""

    name_field = "slug"
    owned = ("used_bytes",)

    def before_switch(self, key: Any, *, source: str, target: str) -> None:
        """Links that the default database had itself are looked up from now on."""
        if target != DEFAULT_DB_ALIAS:
            links = ShareLink.objects.using(source).filter(studio_id=key).values_list("token_hash", flat=True)
            addresses = [LinkAddress(token_hash=hashed, studio_id=key) for hashed in links]
            LinkAddress.objects.bulk_create(addresses, batch_size=1000, ignore_conflicts=True)


def enter_by_token(request: HttpRequest, token: str, *, writes: bool = True) -> bool:
    """Settle the request on a link's shard; False where nothing is known of it, and it can only be the default one.

    Then `enter_by_link` comes after it has been found. Raises ShardClosed for a request that
    writes: a POST, unless not `writes`.
    """
    if not shards.is_on():
        return True
    studio_id = _studio_of(token_hash(token))
    try:
        place = shards.Place(shard=DEFAULT_DB_ALIAS) if studio_id is None else shards.place_of(studio_id)
    except shards.UnknownKey:  # deleted since it was remembered
        studio_id, place = None, shards.Place(shard=DEFAULT_DB_ALIAS)
    shards.serve(request, place, key=studio_id, writes=writes)
    return studio_id is not None


def enter_by_link(request: HttpRequest, link: ShareLink, *, writes: bool = True) -> None:
    """Ask of a link that the default database has whether it may be written there. Raises ShardClosed."""
    place = shards.place_of(link.studio_id)
    # Switched since its address was not found: the rows here can still be looked at.
    closed = place.closed or place.shard != DEFAULT_DB_ALIAS
    place = shards.Place(shard=DEFAULT_DB_ALIAS, closed=closed)
    shards.serve(request, place, key=link.studio_id, writes=writes)


def note_address(link: ShareLink) -> None:
    """Let a new link be found. Before its commit: of one that is not there a look-up says so."""
    if shards.is_on() and shards.alias_of_work() != DEFAULT_DB_ALIAS:
        LinkAddress.objects.create(token_hash=link.token_hash, studio_id=link.studio_id)


def _studio_of(hashed: str) -> uuid.UUID | None:
    if (known := _studios.get(hashed)) is not None:
        return known
    found = LinkAddress.objects.filter(pk=hashed).values_list("studio_id", flat=True).first()
    if found is not None:
        _studios[hashed] = found
        if len(_studios) > _REMEMBERED:
            _studios.popitem(last=False)
    return found
