import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from app.accounts.models import Studio
from app.galleries.actions import Developed, create_gallery, fail_photo, finish_photo
from app.galleries.checksums import Checksums
from app.galleries.models import Gallery, Photo
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
