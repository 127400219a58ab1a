import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date

import pytest
from django.db import transaction

from app.accounts.models import Studio
from app.galleries.actions import Developed, choose_cover, create_gallery, fail_photo, finish_photo
from app.galleries.checksums import Checksums
from app.galleries.models import Gallery, Photo
from app.galleries.ordering import STEP, lock_gallery, sort_photos
from app.galleries.removal import delete_photos
from tests.app.conftest import elsewhere, new_photo, rendition

pytestmark = pytest.mark.django_db


def developed(photo: Photo) -> Developed:
    return Developed(
        width=3, height=2, taken_at=None, exif={"iso": 100}, has_gps=True, thumbhash="aa", colour="#000000",
        renditions=[rendition(photo, "jpeg", 480)], original=Checksums(bytes=8, sha256="0" * 64, crc32=2**32 - 1),
    )  # fmt: skip


def test_gallery_slugs_do_not_collide_within_a_studio(studio: Studio, foreign: Gallery) -> None:
    first = create_gallery(studio, title="Summer Day", event_date=date(2026, 6, 20))
    second = create_gallery(studio, title="Summer day!")
    elsewhere = create_gallery(foreign.studio, title="Summer Day")
    assert first.slug == elsewhere.slug == "summer-day"
    assert second.slug.startswith("summer-day-")
    assert create_gallery(studio, title="日本").slug == "gallery"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_two_galleries(studio: Studio) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        together = threading.Barrier(2)

        def click() -> Gallery:
            together.wait(timeout=10)
            return create_gallery(studio, title="Twice")

        for _ in range(5):
            both = [pool.submit(elsewhere, click) for _ in range(2)]
            assert len({call.result(timeout=10).slug for call in both}) == 2


def test_only_one_run_settles_a_photo(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    before = photo.updated_at
    assert finish_photo(photo, developed(photo))
    assert not finish_photo(photo, developed(photo))
    assert not fail_photo(photo.pk, reason="too late")
    photo.refresh_from_db()
    gallery.refresh_from_db()
    assert (photo.state, photo.has_gps, gallery.version) == ("ready", True, 2)
    assert (photo.exif, photo.original_bytes, photo.crc32) == ({"iso": 100}, 8, 4294967295)
    assert photo.original_sha256 == "0" * 64
    assert photo.updated_at >= before


def test_failing_keeps_the_reason_within_its_column(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    assert fail_photo(photo.pk, reason="x" * 1000)
    photo.refresh_from_db()
    assert (photo.state, len(photo.error)) == ("failed", 300)


@pytest.mark.django_db(transaction=True)
def test_photo_gets_ready_while_its_gallery_is_sorted(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            lock_gallery(gallery)
            finishing = pool.submit(elsewhere, lambda: finish_photo(photo, developed(photo)))
            assert not wait([finishing], timeout=0.3).done
            sort_photos(gallery, by="filename")  # a deadlock, if the other one held the photo's row by now
        assert finishing.result(timeout=10)
    photo.refresh_from_db()
    assert (photo.state, photo.rank) == ("ready", STEP)


@pytest.mark.django_db(transaction=True)
def test_photo_that_is_being_deleted_is_no_cover(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            delete_photos(gallery, [photo.pk])
            choosing = pool.submit(elsewhere, lambda: choose_cover(gallery, photo.pk))
            assert not wait([choosing], timeout=0.3).done
        assert not choosing.result(timeout=10)
