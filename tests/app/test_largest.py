"""The largest requests that Loupe takes: their statements stay under what pins a connection to RDS Proxy.

The detector of serverless.db.pinning fails the test that sends more than 16 KB of text.
"""

import uuid

import pytest

from app.galleries.models import Gallery, Photo
from app.galleries.ordering import MOST_MOVED, Spot, move_photos
from app.galleries.removal import delete_gallery, delete_photos
from app.galleries.sections import MOST_SECTIONS, add_sections
from app.uploads.actions import request_uploads
from app.uploads.files import MOST_FILES, UploadFile
from tests.app.conftest import unsaved_photo

pytestmark = pytest.mark.django_db


def full(gallery: Gallery) -> list[uuid.UUID]:
    """As many photos as can be named in one request."""
    Photo.objects.bulk_create([unsaved_photo(gallery, state="ready", rank=n) for n in range(MOST_MOVED)], batch_size=50)
    return list(gallery.photos.values_list("pk", flat=True))


def test_files_are_announced(gallery: Gallery) -> None:
    files = [
        UploadFile(name=f"{'x' * 240}{n}.jpg", size=2**20, content_type="image/jpeg", sha256=f"{n:064x}")
        for n in range(MOST_FILES)
    ]
    request_uploads(gallery, files)
    request_uploads(gallery, files)  # once more: those that are there wait again
    assert gallery.photos.count() == MOST_FILES


def test_sections_are_added(gallery: Gallery) -> None:
    add_sections(gallery, [f"{n} {'x' * 70}" for n in range(MOST_SECTIONS)])
    assert gallery.sections.count() == MOST_SECTIONS


def test_photos_are_moved_and_deleted(gallery: Gallery) -> None:
    photos = full(gallery)
    move_photos(gallery, photos, to=Spot(section=None))
    delete_photos(gallery, photos)
    assert not gallery.photos.exists()


def test_a_full_gallery_is_deleted(gallery: Gallery) -> None:
    full(gallery)
    delete_gallery(gallery)
    assert not Gallery.objects.filter(pk=gallery.pk).exists()
