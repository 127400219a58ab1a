"""From an uploaded file to renditions: quarantine, check, develop, publish.

1. open the file in quarantine; 2. compare length and SHA-256 with what was signed; 3. look at format and pixels;
4. write the renditions, under names that every run of the same recipe would give them; 5. keep the original;
6. settle the row, in one UPDATE that only one run can win; 7. empty the quarantine.
A second run repeats steps 1-5 onto the same names, or finds the row settled and only tidies up.
"""

import hashlib
from datetime import UTC
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from app.galleries.actions import Developed, fail_photo, finish_photo
from app.galleries.models import Photo, StoredRendition
from app.media import RECIPE_HASH, RejectedPhoto, Rendition, develop, inspect

_CHUNK = 1024 * 1024
_EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "HEIC": "heic"}
_STATES = Photo.State


def develop_upload(photo: Photo) -> str:
    """Develop an uploaded photo, or mark it failed with a reason; returns the state it is left in.

    Raises whatever storage or database raise: the task is run again.
    """
    if photo.state == _STATES.PENDING:
        return photo.state
    if photo.state != _STATES.UPLOADED:
        default_storage.delete(photo.incoming_key)
        return photo.state
    try:
        with default_storage.open(photo.incoming_key) as file:
            settled = finish_photo(photo, _develop(photo, file))
    except FileNotFoundError:
        return _fail(photo, "The file did not arrive. Add it again.")
    except RejectedPhoto as rejection:
        return _fail(photo, rejection.reason)
    if settled:
        default_storage.delete(photo.incoming_key)
    return _STATES.READY


def _fail(photo: Photo, reason: str) -> str:
    if fail_photo(photo.pk, reason=reason):
        default_storage.delete(photo.incoming_key)
    return _STATES.FAILED


def _develop(photo: Photo, file: "File[Any]") -> Developed:
    _compare(photo, file)
    source = cast("BinaryIO", file)  # Django's File passes the file's own methods on
    inspection = inspect(source)
    file.seek(0)
    developed = develop(source, inspection=inspection)
    renditions = [_store(photo, rendition) for rendition in developed.renditions]
    default_storage.copy(  # type: ignore[attr-defined]  # MediaStorage's own
        photo.incoming_key,
        photo.original_key(_EXTENSIONS[inspection.format]),
        content_type=f"image/{inspection.format.lower()}",
    )
    return Developed(
        width=inspection.width,
        height=inspection.height,
        # The camera's clock has no zone; kept as if it were UTC it sorts rightly and shows the hour the camera showed.
        taken_at=inspection.taken_at and inspection.taken_at.replace(tzinfo=UTC),
        has_gps=inspection.has_gps,
        thumbhash=developed.thumbhash,
        colour=developed.colour,
        renditions=renditions,
    )


def _compare(photo: Photo, file: "File[Any]") -> None:
    """Check that the file is the one that was signed for; storage checks too, but nothing rests on that alone."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    if size != photo.bytes or digest.hexdigest() != photo.sha256:
        raise RejectedPhoto("corrupt", "The file changed on its way. Add it again.")


def _store(photo: Photo, rendition: Rendition) -> StoredRendition:
    key = photo.rendition_key(rendition.name, extension=rendition.extension, recipe=RECIPE_HASH)
    content = ContentFile(rendition.content)
    content.content_type = rendition.content_type  # type: ignore[attr-defined]  # django-storages reads it
    default_storage.save(key, content)
    return {
        "name": rendition.name,
        "format": rendition.content_type.removeprefix("image/"),
        "width": rendition.width,
        "height": rendition.height,
        "key": key,
    }
