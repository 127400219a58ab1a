"""From an uploaded file to renditions: quarantine, check, develop, publish.

1. open the file in quarantine; 2. compare length and SHA-256 with what was signed; 3. look at format and pixels;
4. write the renditions, under names that every run of the same recipe would give them; 5. keep the original, without
where it was taken;
6. settle the row, in one UPDATE that only one run can win; 7. empty the quarantine.
A second run repeats steps 1-5 onto the same names, or finds the row settled and only tidies up.
"""

from datetime import UTC
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from app.galleries.actions import Developed, fail_photo, finish_photo
from app.galleries.checksums import Checksums, checksums
from app.galleries.models import Photo, StoredRendition
from app.galleries.removal import delete_files, file_prefixes
from app.media import RECIPE_HASH, Inspection, RejectedPhoto, Rendition, develop, inspect, without_location

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
    elif not Photo.objects.filter(pk=photo.pk).exists():  # deleted meanwhile; its files may have been too early
        delete_files(file_prefixes(photo))
        return "gone"
    return _STATES.READY


def _fail(photo: Photo, reason: str) -> str:
    if fail_photo(photo.pk, reason=reason):
        default_storage.delete(photo.incoming_key)
    return _STATES.FAILED


def _develop(photo: Photo, file: "File[Any]") -> Developed:
    sent = checksums(file)
    if (sent.bytes, sent.sha256) != (photo.bytes, photo.sha256):  # storage checks too; nothing rests on that alone
        raise RejectedPhoto("corrupt", "The file changed on its way. Add it again.")
    source = cast("BinaryIO", file)  # Django's File passes the file's own methods on
    inspection = inspect(source)
    developed = develop(source, inspection=inspection)
    renditions = [_store(photo, rendition) for rendition in developed.renditions]
    taken_at = inspection.exposure.taken_at
    original = _keep(photo, source, inspection=inspection) or sent
    return Developed(
        width=inspection.width,
        height=inspection.height,
        # The camera's clock has no zone; kept as if it were UTC it sorts rightly and shows the hour the camera showed.
        taken_at=taken_at and taken_at.replace(tzinfo=UTC),
        exif=inspection.exposure.to_dict(),
        has_gps=inspection.has_gps,
        original=original,
        thumbhash=developed.thumbhash,
        colour=developed.colour,
        renditions=renditions,
    )


def _keep(photo: Photo, source: BinaryIO, *, inspection: Inspection) -> Checksums | None:
    """Keep the original; returns its checksums if they are no longer those of the upload."""
    key, content_type = photo.original_key(_EXTENSIONS[inspection.format]), f"image/{inspection.format.lower()}"
    cleaned = without_location(source, inspection=inspection)
    if cleaned is None:  # copied inside the bucket: the file does not travel a second time
        default_storage.copy(photo.incoming_key, key, content_type=content_type)  # type: ignore[attr-defined]
        return None
    content = File(cleaned)
    content.content_type = content_type  # type: ignore[attr-defined]  # django-storages reads it
    kept = checksums(content)
    default_storage.save(key, content)
    return kept


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
