import uuid
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link
from app.sharing.models import AccessEvent, ShareLink
from app.sharing.tasks import record_opens
from tests.app.sharing.door import open_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(gallery: Gallery) -> ShareLink:
    return create_share_link(gallery, label="Them")[0]


def test_event_is_written_down_as_it_was_told(link: ShareLink) -> None:
    event = open_of(link, days_ago=1)
    record_opens.func([event])
    assert AccessEvent.objects.values().get() == {
        "id": uuid.UUID(event["id"]),
        "studio_id": link.studio_id,
        "gallery_id": link.gallery_id,
        "link_id": link.pk,
        "kind": "opened",
        "at": datetime.fromisoformat(event["at"]),
    }


def test_what_is_delivered_twice_is_there_once(link: ShareLink) -> None:
    first, second = open_of(link), open_of(link)
    record_opens.func([first, first])
    before = AccessEvent.objects.values().get()
    record_opens.func([first | {"at": "2020-01-01T00:00:00+00:00"}, second])
    assert AccessEvent.objects.count() == 2
    assert AccessEvent.objects.values().get(pk=first["id"]) == before


def test_link_that_is_gone_takes_nobody_along(link: ShareLink, gallery: Gallery) -> None:
    gone, _ = create_share_link(gallery, label="Gone")
    events = [open_of(gone), open_of(link)]
    gone.delete()
    record_opens.func(events)
    assert AccessEvent.objects.get().link_id == link.pk
    record_opens.func(events[:1])
    assert AccessEvent.objects.count() == 1


def test_each_event_is_its_links_own_studios(link: ShareLink, foreign: Gallery) -> None:
    theirs, _ = create_share_link(foreign, label="Them")
    record_opens.func([open_of(link), open_of(theirs)])
    found = AccessEvent.objects.values_list("link", "gallery", "studio")
    assert set(found) == {(one.pk, one.gallery_id, one.studio_id) for one in (link, theirs)}


@pytest.mark.django_db(transaction=True)
def test_link_that_goes_meanwhile_is_passed_over_the_next_time(link: ShareLink, gallery: Gallery) -> None:
    gone, _ = create_share_link(gallery, label="Gone")
    events = [open_of(gone), open_of(link)]

    def delete_first(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("INSERT"):
            ShareLink.objects.filter(pk=gone.pk).delete()
        return execute(sql, *args)

    with pytest.raises(IntegrityError), connection.execute_wrapper(delete_first):
        record_opens.func(events)
    assert not AccessEvent.objects.exists()
    ShareLink.objects.filter(pk=gone.pk).delete()  # that of before was rolled back with the insert
    record_opens.func(events)
    assert AccessEvent.objects.get().link_id == link.pk


@pytest.mark.parametrize("count", [1, 200])
def test_batch_is_two_statements(
    link: ShareLink, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    other, _ = create_share_link(gallery, label="Others")
    events = [open_of((link, other)[number % 2]) for number in range(count)]
    with django_assert_num_queries(2):  # the links, the events
        record_opens.func(events)
    assert AccessEvent.objects.count() == count


@pytest.mark.parametrize(
    "damage", [{"id": "x"}, {"link": "x"}, {"at": "soon"}, {"at": None}], ids=["id", "link", "at", "none"]
)
def test_damaged_event_writes_nothing(link: ShareLink, damage: dict[str, str]) -> None:
    with pytest.raises((TypeError, ValueError)):
        record_opens.func([open_of(link), open_of(link) | damage])
    assert not AccessEvent.objects.exists()


def test_events_of_a_link_are_found_by_its_index(link: ShareLink) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    assert "accessevent_latest_of_link" in AccessEvent.objects.filter(link=link).order_by("-at").explain()
