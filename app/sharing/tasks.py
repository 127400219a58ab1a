"""The task that writes down what clients did."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict

from app.sharing.models import AccessEvent, ShareLink
from serverless.db import shards
from serverless.tasks import task


class Open(TypedDict):
    """One opening: the id of its row, which a second delivery has too, its link's, and the time in ISO 8601.

    Its studio says on which shard it is by now: it may have been moved since. Without one it is where it was.
    """

    id: str
    link: str
    studio: NotRequired[str]
    at: str


# Without rows of their own: a crowd comes at once, and of an opening that is lost nobody is the poorer.
@task(durable=False)
def record_opens(events: list[Open]) -> None:
    """Insert all of them in one statement a shard. Those that are there, or whose link was deleted, are passed over.

    Studio and gallery are the link's, whatever sent the message. A link that is deleted between the two statements
    fails the insert; the next delivery does not find it. Raises ShardClosed while a studio of theirs is moved: they are
    delivered again.
    """
    if not shards.is_on():
        return _record(events)
    by_shard: dict[str, list[Open]] = defaultdict(list)
    for event in events:
        if shard := _shard_of(event):
            by_shard[shard].append(event)
    for shard, there in by_shard.items():
        with shards.using(shard):
            _record(there)
    return None


def _shard_of(event: Open) -> str | None:
    if "studio" not in event:
        return shards.alias_of_work()
    try:
        place = shards.place_of(uuid.UUID(event["studio"]))
    except shards.UnknownKey:  # deleted since
        return None
    if place.closed:
        raise shards.ShardClosed(event["studio"])
    return place.shard


def _record(events: Sequence[Open]) -> None:
    links = ShareLink.objects.only("studio_id", "gallery_id").in_bulk({uuid.UUID(event["link"]) for event in events})
    AccessEvent.objects.bulk_create(
        (
            AccessEvent(
                id=uuid.UUID(event["id"]),
                studio_id=link.studio_id,
                gallery_id=link.gallery_id,
                link=link,
                kind=AccessEvent.Kind.OPENED,
                at=datetime.fromisoformat(event["at"]),
            )
            for event in events
            if (link := links.get(uuid.UUID(event["link"])))
        ),
        ignore_conflicts=True,
    )
