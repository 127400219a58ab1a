from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link
from app.sharing.models import AccessEvent, ShareLink
from app.sharing.tasks import record_opens
from tests.app.sharing.door import open_of

pytestmark = pytest.mark.django_db


def test_database_refuses_a_link_that_was_never_open(gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="x")
    with pytest.raises(IntegrityError, match="sharelink_expires_after_birth"), transaction.atomic():
        ShareLink.objects.filter(pk=link.pk).update(expires_at=link.created_at)


def test_link_is_live_until_it_expires_or_is_revoked() -> None:
    now = timezone.now()
    assert ShareLink().is_live(now)
    assert ShareLink(expires_at=now + timedelta(seconds=1)).is_live(now)
    assert not ShareLink(expires_at=now).is_live(now)
    assert not ShareLink(revoked_at=now).is_live(now)


def test_last_day_is_the_day_before_the_midnight_at_which_a_link_expires() -> None:
    link = ShareLink(expires_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert link.last_day is not None
    assert link.last_day.isoformat() == "2026-06-30"
    assert ShareLink().last_day is None


def test_event_holds_nothing_of_the_viewer() -> None:
    assert {field.name for field in AccessEvent._meta.get_fields()} == {"id", "studio", "gallery", "link", "kind", "at"}


def test_database_refuses_events_of_a_kind_that_nobody_knows(gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="x")
    record_opens.func([open_of(link)])
    with pytest.raises(IntegrityError, match="accessevent_kind_is_known"), transaction.atomic():
        AccessEvent.objects.update(kind="picked")


@pytest.mark.parametrize("what", ["link", "gallery", "studio"])
def test_events_go_with_what_they_are_about(gallery: Gallery, what: str) -> None:
    link, _ = create_share_link(gallery, label="x")
    record_opens.func([open_of(link)])
    {"link": link, "gallery": gallery, "studio": gallery.studio}[what].delete()
    assert not AccessEvent.objects.exists()


def test_links_know_how_often_they_were_opened_and_when_last(gallery: Gallery) -> None:
    opened, fresh = (create_share_link(gallery, label=label)[0] for label in "ab")
    events = [open_of(opened, days_ago=days) for days in (3, 1, 2)]
    record_opens.func(events)
    found = {link.pk: vars(link) for link in ShareLink.objects.with_opens()}
    told = {pk: (row["opens"], row["opened_at"]) for pk, row in found.items()}
    assert told == {opened.pk: (3, datetime.fromisoformat(events[1]["at"])), fresh.pk: (0, None)}
