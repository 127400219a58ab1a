import hashlib
from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import ExifTags, Image
from pytest_django.fixtures import Settings

from app.galleries.development import develop_upload
from app.galleries.models import Gallery, Photo
from app.galleries.signals import GAVE_UP
from app.galleries.tasks import develop_photo
from app.uploads.actions import confirm_upload
from serverless.tasks.models import TaskRow
from serverless.tasks.retries import MAX_ATTEMPTS
from serverless.tasks.work.shift import Shift
from tests import aws
from tests.app.conftest import jpeg, new_photo

pytestmark = pytest.mark.django_db


def uploaded(gallery: Gallery, content: bytes, **fields: Any) -> Photo:
    """A photo whose file has arrived."""
    digest = hashlib.sha256(content).hexdigest()
    photo = new_photo(gallery, **{"state": "uploaded", "sha256": digest, "bytes": len(content), **fields})
    default_storage.save(photo.incoming_key, ContentFile(content))
    return photo


def run(photo: Photo) -> Photo:
    state = develop_photo.call(str(photo.pk))
    photo.refresh_from_db()
    assert photo.state == state
    return photo


def test_file_becomes_renditions_and_leaves_the_quarantine(gallery: Gallery) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (50.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}
    content = jpeg(width=800, height=600, exif=exif)
    photo = run(uploaded(gallery, content))
    assert (photo.state, photo.width, photo.height, photo.has_gps) == ("ready", 600, 800, True)
    assert photo.thumbhash
    assert photo.colour.startswith("#")
    assert {r["format"] for r in photo.renditions} == {"avif", "webp", "jpeg"}
    for rendition in photo.renditions:
        with default_storage.open(rendition["key"]) as file, Image.open(file) as image:
            assert image.size == (rendition["width"], rendition["height"])
            assert not image.getexif()
    assert not default_storage.exists(photo.incoming_key)
    gallery.refresh_from_db()
    assert gallery.version == 2


def test_original_is_kept_with_its_checksums(gallery: Gallery) -> None:
    content = jpeg()
    photo = run(uploaded(gallery, content))
    with default_storage.open(photo.original_key("jpg")) as original:
        assert original.read() == content
    assert (photo.original_bytes, photo.original_sha256, photo.crc32) == (len(content), photo.sha256, crc32(content))
    assert (photo.has_gps, photo.exif) == (False, {})


def test_original_loses_its_position_and_nothing_else(gallery: Gallery, settings: Settings) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Leica M11"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (50.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}
    content = jpeg(exif=exif)
    photo = run(uploaded(gallery, content))
    with default_storage.open(photo.original_key("jpg")) as file:
        kept = file.read()
    assert (len(kept), kept[-500:]) == (len(content), content[-500:])
    with Image.open(BytesIO(kept)) as image:
        assert dict(image.getexif()) == {ExifTags.Base.Model: "Leica M11"}
    assert photo.has_gps
    assert photo.exif == {"camera": "Leica M11"}
    assert (photo.original_bytes, photo.crc32) == (len(kept), crc32(kept))
    assert photo.original_sha256 == hashlib.sha256(kept).hexdigest() != photo.sha256
    stored = aws.client("s3").head_object(Bucket=settings.MEDIA_BUCKET, Key=photo.original_key("jpg"))
    assert (stored["ContentType"], stored["CacheControl"]) == ("image/jpeg", "private, no-store")


def test_renditions_are_cached_for_ever_and_originals_not_at_all(gallery: Gallery, settings: Settings) -> None:
    photo = run(uploaded(gallery, jpeg()))
    s3 = aws.client("s3")
    served = s3.head_object(Bucket=settings.MEDIA_BUCKET, Key=photo.renditions[0]["key"])
    kept = s3.head_object(Bucket=settings.MEDIA_BUCKET, Key=photo.original_key("jpg"))
    assert served["CacheControl"] == "public, max-age=31536000, immutable"
    assert served["ContentType"] == "image/avif"
    assert "no-store" in kept["CacheControl"]


def test_second_run_changes_nothing_and_tidies_up(gallery: Gallery) -> None:
    photo = run(uploaded(gallery, jpeg()))
    default_storage.save(photo.incoming_key, ContentFile(b"left by a crash"))
    before = photo.updated_at
    assert run(photo).updated_at == before
    assert not default_storage.exists(photo.incoming_key)
    gallery.refresh_from_db()
    assert gallery.version == 2


def test_run_that_lost_the_race_leaves_the_winner_alone(gallery: Gallery) -> None:
    photo = uploaded(gallery, jpeg())
    stale = Photo.objects.get(pk=photo.pk)
    run(photo)
    develop_upload(stale)  # believes that the photo is uploaded; its file is gone
    photo.refresh_from_db()
    assert photo.state == "ready"


def test_photo_that_is_not_confirmed_is_left_alone(gallery: Gallery) -> None:
    photo = uploaded(gallery, jpeg(), state="pending")
    assert run(photo).state == "pending"
    assert default_storage.exists(photo.incoming_key)


def test_photo_that_is_gone_is_no_error() -> None:
    assert develop_photo.call("018f0000-0000-7000-8000-000000000000") == "gone"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<html>not a photo</html>", "."), (jpeg()[:300], "."), (b"\xff\xd8\xff" + bytes(100), ".")],
    ids=["html", "cut off", "noise"],
)
def test_bad_file_fails_with_a_reason_and_is_deleted(gallery: Gallery, content: bytes, reason: str) -> None:
    photo = run(uploaded(gallery, content))
    assert photo.state == "failed"
    assert photo.error.endswith(reason)
    assert not default_storage.exists(photo.incoming_key)
    assert not default_storage.exists(photo.original_key("jpg"))


def test_file_that_is_not_the_signed_one_is_refused(gallery: Gallery) -> None:
    for fields in ({"sha256": "0" * 64}, {"bytes": 7}):
        photo = run(uploaded(gallery, jpeg(), **fields))
        assert photo.error == "The file changed on its way. Add it again."
        photo.delete()


def test_missing_file_fails_with_a_reason(gallery: Gallery) -> None:
    photo = run(new_photo(gallery, state="uploaded"))
    assert photo.error == "The file did not arrive. Add it again."


def test_png_is_kept_as_png(gallery: Gallery) -> None:
    file = BytesIO()
    Image.new("RGB", (20, 10), "#123456").save(file, "PNG")
    photo = run(uploaded(gallery, file.getvalue(), content_type="image/jpeg"))  # what it is counts, not what was said
    assert photo.state == "ready"
    assert default_storage.exists(photo.original_key("png"))


@pytest.mark.django_db(transaction=True)
def test_last_failed_attempt_fails_the_photo(gallery: Gallery, settings: Settings) -> None:
    photo = new_photo(gallery, state="pending")
    confirm_upload(photo)
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"]
        | {"OPTIONS": settings.STORAGES["default"]["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:9"}}
    }
    TaskRow.objects.update(attempts=MAX_ATTEMPTS - 1)
    Shift().run(list(TaskRow.objects.values_list("pk", flat=True)), database="default")
    assert TaskRow.objects.get().state == "dead"
    photo.refresh_from_db()
    assert (photo.state, photo.error) == ("failed", GAVE_UP)
