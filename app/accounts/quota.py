"""How much a studio may keep and how much it does, told by the database: who changes it holds the studio's row.

The row beside the photos, that is: on the studio's shard, where there are shards.
"""

import uuid

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from app.accounts.models import Studio
from serverless.db.shards import alias_of_work

__all__ = ["change_usage", "lock_studio"]


def lock_studio(studio_id: uuid.UUID) -> Studio:
    """Return the studio, its row held until the transaction ends: others who change its usage wait.

    Take it before rows of photos: everybody who takes both takes them in this order.
    """
    alias = alias_of_work()
    assert transaction.get_connection(alias).in_atomic_block  # noqa: S101 - a lock outside of a transaction is none
    return Studio.objects.using(alias).select_for_update(no_key=True).get(pk=studio_id)


def change_usage(studio_id: uuid.UUID, *, by: int, using: str | None = None) -> None:
    """Add `by` bytes, negative ones too, to what the studio keeps. Never less than nothing: a count may be off."""
    used = Greatest(F("used_bytes") + by, Value(0))
    Studio.objects.using(using or alias_of_work()).filter(pk=studio_id).update(used_bytes=used)
