import re
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.galleries.models import Gallery
from app.sharing.actions import change_lock, create_share_link, revoke_share_link
from app.sharing.locks import Kind, hashed
from app.sharing.models import ShareLink
from app.sharing.queries import token_hash
from app.sharing.tries import forgive
from tests.app.conftest import new_photo
from tests.app.sharing.door import PIN, Door

pytestmark = pytest.mark.django_db

LIVE = "progress/?since=2020-01-01T00:00:00Z"


@pytest.fixture
def door(gallery: Gallery) -> Door:
    """An open link to a gallery with a photo."""
    new_photo(gallery)
    link, token = create_share_link(gallery, label="Them")
    return Door(link=link, token=token)


def key(door: Door) -> str:
    return f"sharing:link:default:{token_hash(door.token)}"


def statuses(client: Client, door: Door) -> set[int]:
    """Of both pages that use what was kept."""
    return {client.get(door.path + page).status_code for page in ("", LIVE)}


def test_a_link_is_looked_up_once_a_minute(
    client: Client, door: Door, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get(door.path)
    with django_assert_num_queries(1):  # counts, with the version
        again = client.get(door.path)
    moment = re.compile(rb'data-since="[^"]*"')
    assert moment.sub(b"", again.content) == moment.sub(b"", first.content)
    with django_assert_num_queries(2):  # counts, photos
        assert client.get(door.path + LIVE).status_code == 200
    assert 0 < cache.ttl(key(door)) <= 60  # type: ignore[attr-defined]  # django-redis


def revoke(door: Door) -> None:
    revoke_share_link(door.link)


def revoke_by_update(door: Door) -> None:
    ShareLink.objects.filter(pk=door.link.pk).update(revoked_at=timezone.now())


def revoke_by_hand(door: Door) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sharing_sharelink SET revoked_at = now() WHERE id = %s", [door.link.pk])


def end_it(door: Door) -> None:
    # The end lies behind the beginning by a constraint, and both may lie behind us.
    ago = timezone.now() - timedelta(days=2)
    ShareLink.objects.filter(pk=door.link.pk).update(created_at=ago, expires_at=ago + timedelta(days=1))


def lock_it(door: Door) -> None:
    change_lock(door.link, lock=hashed(Kind.PIN, PIN))


def delete_it(door: Door) -> None:
    door.link.delete()


def unpublish(door: Door) -> None:
    Gallery.objects.filter(pk=door.link.gallery_id).update(status="draft")


def delete_gallery(door: Door) -> None:
    door.link.gallery.delete()


CHANGES = [
    (revoke, 410), (revoke_by_update, 410), (revoke_by_hand, 410), (end_it, 410), (lock_it, 403), (delete_it, 404),
    (unpublish, 404), (delete_gallery, 404),
]  # fmt: skip


@pytest.mark.parametrize(("change", "status"), CHANGES)
def test_whatever_closes_a_link_closes_it_at_once(client: Client, door: Door, change: Any, status: int) -> None:
    assert statuses(client, door) == {200}
    change(door)
    assert statuses(client, door) == {status}


@pytest.mark.parametrize(("change", "status"), CHANGES)
def test_no_write_to_the_cache_is_needed_for_that(
    client: Client, door: Door, settings: Settings, change: Any, status: int
) -> None:
    """Whoever closes it reaches no cache; whoever looks does, and finds the link of before there, again and again."""
    client.get(door.path)
    before, live = cache.get(key(door)), settings.CACHES
    assert before
    settings.CACHES = away(live)
    change(door)
    settings.CACHES = live
    for _ in range(2):
        cache.set(key(door), before, 60)  # somebody who had read it earlier writes late
        assert statuses(client, door) == {status}


def away(live: dict[str, Any]) -> dict[str, Any]:
    changed = deepcopy(live)
    changed["default"]["LOCATION"] = "redis://127.0.0.1:9/0"
    return changed


def test_an_end_in_time_needs_nobody_to_notice(client: Client, door: Door) -> None:
    client.get(door.path)
    entry = cache.get(key(door))
    entry["ShareLink"]["expires_at"] = timezone.now() - timedelta(seconds=1)
    cache.set(key(door), entry, 60)
    assert client.get(door.path).status_code == 410


def test_pages_follow_what_they_show(client: Client, door: Door) -> None:
    client.get(door.path)
    Gallery.objects.filter(pk=door.link.gallery_id).update(title="Another", theme="dark")
    assert b"Another" in client.get(door.path).content
    new_photo(door.link.gallery, rank=2)
    assert client.get(door.path).content.count(b'class="tile') == 2


def test_without_the_cache_it_is_looked_up(client: Client, door: Door, settings: Settings) -> None:
    settings.CACHES = away(settings.CACHES)
    assert statuses(client, door) == {200}
    revoke(door)
    assert statuses(client, door) == {410}


@pytest.mark.parametrize("entry", [None, 7, "x", [], {}, {"ShareLink": 1}, {"ShareLink": {}, "Gallery": {}, "db": "x"}])
def test_what_another_release_has_kept_is_looked_up(client: Client, door: Door, entry: object) -> None:
    cache.set(key(door), entry, 60)
    assert statuses(client, door) == {200}


def test_no_lock_lies_in_the_cache(client: Client, pin_door: Door) -> None:
    pin_door.attempt(client, PIN)
    assert client.get(pin_door.path).status_code == 200
    entry = cache.get(key(pin_door))
    assert entry["ShareLink"]["lock"]
    assert pin_door.row().lock.rpartition("$")[2] not in str(entry)
    assert pin_door.token not in str(entry)


def test_before_a_lock_the_row_counts(
    client: Client, pin_door: Door, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pin_door.attempt(client, PIN)
    client.get(pin_door.path)
    with django_assert_num_queries(1):
        assert client.get(pin_door.path).status_code == 200
    stranger = Client()
    ShareLink.objects.filter(pk=pin_door.link.pk).update(wrong_tries=100)
    with django_assert_num_queries(1):
        assert stranger.get(pin_door.path).status_code == 429
    forgive(pin_door.link)
    assert stranger.get(pin_door.path).status_code == 403
    change_lock(pin_door.link, lock=hashed(Kind.PIN, "739152"))
    assert client.get(pin_door.path).status_code == 403


def test_a_version_only_grows(gallery: Gallery) -> None:
    rows = Gallery.objects.filter(pk=gallery.pk)
    seen = [gallery.version]

    def look() -> int:
        seen.append(rows.get().version)
        return seen[-1]

    gallery.title = "By an object that was read long ago"
    gallery.version = 1
    gallery.save()
    assert look() > seen[-2]
    rows.update(version=1, title="Back")
    assert look() > seen[-2]
    rows.update(title="Back")  # nothing changes
    assert look() == seen[-2]
    rows.change(title="Back")
    assert look() == seen[-2] + 1
