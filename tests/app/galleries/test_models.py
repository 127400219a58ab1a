from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from app.galleries.models import Gallery, Photo
from tests.app.conftest import new_photo

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
        ("gallery_version_positive", {"version": 0}),
        ("gallery_has_title", {"title": ""}),
    ],
)
def test_database_refuses_impossible_galleries(gallery: Gallery, constraint: str, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Gallery.objects.filter(pk=gallery.pk).update(**change)


def test_index_of_unfinished_photos_is_partial() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'photo_unfinished'")
        (definition,) = cursor.fetchone()
    assert "WHERE" in definition
    assert "pending" in definition
