"""The task that writes down what clients did."""

import uuid
from datetime import datetime
from typing import TypedDict

from app.sharing.models import AccessEvent, ShareLink
from serverless.tasks import task


class Open(TypedDict):
    """One opening: the id of its row, which a second delivery has too, its link's, and the time in ISO 8601."""

    id: str
    link: str
    at: str


# Without rows of their own: a crowd comes at once, and of an opening that is lost nobody is the poorer.
@task(durable=False)
def record_opens(events: list[Open]) -> None:
    """Insert all of them in one statement. Those that are there, or whose link was deleted, are passed over.

    Studio and gallery are the link's, whatever sent the message. A link that is deleted between the two statements
    fails the insert; the next delivery does not find it.
    """
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
