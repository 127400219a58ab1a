from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from app.accounts.models import Studio
from app.galleries.models import Gallery, Photo, Section
from tests.app.conftest import new_photo, new_section

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("photo_state_known", {"state": "lost"}),
        ("photo_bytes_in_range", {"bytes": 0}),
        ("photo_bytes_in_range", {"bytes": 200 * 2**20 + 1}),
        ("photo_sha256_is_hex", {"sha256": "x" * 64}),
        ("photo_ready_has_renditions", {"renditions": []}),
        ("photo_ready_has_renditions", {"width": None}),
        ("photo_failed_has_reason", {"state": "failed"}),
        ("photo_failed_has_reason", {"error": "ready and failed at once"}),
        ("photo_colour_is_hex", {"colour": "red"}),
    ],
)
def test_database_refuses_impossible_photos(gallery: Gallery, constraint: str, change: dict[str, Any]) -> None:
    photo = new_photo(gallery)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(**change)


def test_a_file_is_in_a_gallery_once(gallery: Gallery, foreign: Gallery) -> None:
    photo = new_photo(gallery)
    new_photo(foreign, sha256=photo.sha256)  # elsewhere it may be
    with pytest.raises(IntegrityError, match="photo_once_per_gallery"), transaction.atomic():
        new_photo(gallery, sha256=photo.sha256)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("gallery_status_known", {"status": "lost"}),
        ("gallery_has_title", {"title": ""}),
        ("gallery_theme_known", {"theme": "pink"}),
    ],
)
def test_database_refuses_impossible_galleries(gallery: Gallery, constraint: str, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Gallery.objects.filter(pk=gallery.pk).update(**change)


def test_database_refuses_a_version_below_one(studio: Studio) -> None:
    """In a new row: that of an old one grows, whatever somebody writes."""
    with pytest.raises(IntegrityError, match="gallery_version_positive"), transaction.atomic():
        Gallery.objects.create(studio=studio, slug="x", title="x", version=0)


def test_index_of_unfinished_photos_is_partial() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'photo_unfinished'")
        (definition,) = cursor.fetchone()
    assert "WHERE" in definition
    assert "pending" in definition


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("section_slug_once_per_gallery", {"slug": "church"}),
        ("section_position_once", {"position": 1}),
        ("section_position_from_one", {"position": 0}),
        ("section_has_title", {"title": ""}),
    ],
)
def test_database_refuses_impossible_sections(gallery: Gallery, constraint: str, change: dict[str, Any]) -> None:
    new_section(gallery, "Church", position=1)
    party = new_section(gallery, "Party", position=2)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Section.objects.filter(pk=party.pk).update(**change)


def test_section_of_a_photo_is_one_of_its_gallery_at_its_position(gallery: Gallery, foreign: Gallery) -> None:
    church, theirs = new_section(gallery, "Church", position=1), new_section(foreign, "Church", position=1)
    photo = Photo.objects.filter(pk=new_photo(gallery).pk)
    for section, position in ((theirs, 1), (church, 2), (church, 0)):
        with pytest.raises(IntegrityError, match="photo_section_of_same_gallery"), transaction.atomic():
            photo.update(section=section, section_position=position)
    with pytest.raises(IntegrityError, match="photo_position_needs_section"), transaction.atomic():
        photo.update(section_position=1)
    photo.update(section=church, section_position=1)


def test_photos_follow_their_section_and_outlive_it(gallery: Gallery) -> None:
    church, party = new_section(gallery, "Church", position=1), new_section(gallery, "Party", position=2)
    vows = new_photo(gallery, section=church, section_position=1)
    dance = new_photo(gallery, section=party, section_position=2)
    Section.objects.update(position=3 - F("position"))  # one statement swaps them
    assert list(gallery.photos.in_order()) == [dance, vows]
    church.delete()
    vows.refresh_from_db()
    assert (vows.section, vows.section_position) == (None, 0)
    assert list(gallery.photos.in_order()) == [vows, dance]
    gallery.delete()
    assert not Photo.objects.exists()


def test_rows_of_the_release_before_are_taken(gallery: Gallery) -> None:
    """While a release is on its way, its code inserts photos and galleries without the columns that are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO galleries_photo (id, studio_id, gallery_id, rank, filename, bytes, content_type, sha256,"
            " state, error, has_gps, thumbhash, colour, renditions) VALUES (gen_random_uuid(), %s, %s, 1, 'a.jpg', 1,"
            " 'image/jpeg', repeat('a', 64), 'pending', '', false, '', '', '[]')",
            [gallery.studio_id, gallery.pk],
        )
        cursor.execute(
            "INSERT INTO galleries_gallery (id, studio_id, slug, title, status, version) VALUES"
            " (gen_random_uuid(), %s, 'old', 'Old', 'draft', 1)",
            [gallery.studio_id],
        )
    assert gallery.photos.get().section_position == 0
    assert Gallery.objects.get(slug="old").theme == "auto"


def test_order_and_neighbours_are_read_from_one_index(gallery: Gallery) -> None:
    photo = new_photo(gallery, rank=3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
    of_gallery = Photo.objects.filter(gallery=gallery)
    for rows in (of_gallery.in_order(), of_gallery.before(photo)[:1], of_gallery.after(photo)[:1]):
        plan = rows.explain()
        assert "photo_as_shown" in plan
        assert "Sort" not in plan
