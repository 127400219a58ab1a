import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from app.accounts.models import Studio
from app.galleries.models import Gallery, Photo
from app.galleries.removal import delete_gallery, delete_photos
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(studio: Studio, gallery: Gallery, foreign: Gallery) -> list[Photo]:
    """Four photos that count, nine bytes each, and two that do not; as many of another studio."""
    for there in (gallery, foreign):
        for state in ("pending", "failed"):
            new_photo(there, state=state)
        photos = [new_photo(there, state=state) for state in ("ready", "ready", "uploaded", "uploaded")]
        Studio.objects.filter(pk=there.studio_id).update(used_bytes=100)
    return list(Photo.objects.filter(gallery=gallery, state__in=["ready", "uploaded"])) if photos else []


def used(gallery: Gallery) -> int:
    return Studio.objects.get(pk=gallery.studio_id).used_bytes


def updates(captured: CaptureQueriesContext) -> int:
    return sum('UPDATE "accounts_studio"' in query["sql"] for query in captured.captured_queries)


def test_one_photo_gives_back_its_room(gallery: Gallery, kept: list[Photo]) -> None:
    kept[0].delete()
    Photo.objects.filter(gallery=gallery, state="failed").get().delete()
    assert used(gallery) == 91


def test_many_give_it_back_at_once(gallery: Gallery, foreign: Gallery, kept: list[Photo]) -> None:
    with CaptureQueriesContext(connection) as captured:
        delete_photos(gallery, [photo.pk for photo in kept[:3]])
    assert (used(gallery), used(foreign), updates(captured)) == (73, 100, 1)


def test_query_over_studios_gives_each_its_own(gallery: Gallery, foreign: Gallery, kept: list[Photo]) -> None:
    photos = Photo.objects.exclude(pk=kept[0].pk)
    photos.delete()
    assert (used(gallery), used(foreign)) == (73, 64)


def test_gallery_gives_back_all_of_it(gallery: Gallery, foreign: Gallery, kept: list[Photo]) -> None:
    with CaptureQueriesContext(connection) as captured:
        delete_gallery(gallery)
    assert (used(gallery), used(foreign), updates(captured)) == (64, 100, 1)
    Gallery.objects.filter(pk=foreign.pk).delete()
    assert used(foreign) == 64
