from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from app.galleries.actions import create_share_link
from app.galleries.models import Gallery, Photo, ShareLink
from tests.app.galleries.conftest import new_photo

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


def test_index_of_unfinished_photos_is_partial() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'photo_unfinished'")
        (definition,) = cursor.fetchone()
    assert "WHERE" in definition
    assert "pending" in definition
