"""Taking photos and galleries away: the rows at once, their files by a task."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from itertools import batched

from django.core.files.storage import default_storage

from app.accounts.quota import lock_studio
from app.galleries.models import Gallery, Photo, media_prefix
from app.galleries.ordering import lock_gallery
from serverless.db.shards import atomic

__all__ = ["delete_files", "delete_gallery", "delete_photos", "file_prefixes"]

# Three prefixes a photo, one listing each: a task of 50 photos is some seconds of work.
_PHOTOS_PER_TASK = 50


@atomic(Gallery)
def delete_photos(gallery: Gallery, photos: Collection[uuid.UUID]) -> None:
    """Delete photos of a gallery; those that are not in it are passed over."""
    lock_studio(gallery.studio_id)
    lock_gallery(gallery)
    rows = Photo.objects.filter(gallery=gallery, pk__in=photos)
    prefixes = [file_prefixes(photo) for photo in rows.only("studio_id", "gallery_id")]
    rows.delete()
    for batch in batched(prefixes, _PHOTOS_PER_TASK):
        _delete_files_later(prefix for of_photo in batch for prefix in of_photo)
    Gallery.objects.filter(pk=gallery.pk).change()


@atomic(Gallery)
def delete_gallery(gallery: Gallery) -> None:
    """Delete a gallery with all that hangs on it: its links open nothing from now on."""
    lock_studio(gallery.studio_id)
    lock_gallery(gallery)
    rows = Photo.objects.filter(gallery=gallery)
    in_quarantine = [photo.incoming_key for photo in rows.exclude(state=Photo.State.READY).only("studio_id")]
    folders = [f"originals/{gallery.studio_id}/{gallery.pk}/", media_prefix(gallery.studio_id, gallery.pk)]
    gallery.delete()
    for batch in batched([*folders, *in_quarantine], 3 * _PHOTOS_PER_TASK):
        _delete_files_later(batch)


def file_prefixes(photo: Photo) -> list[str]:
    """What the names of a photo's files begin with, whatever its state."""
    renditions = f"{media_prefix(photo.studio_id, photo.gallery_id)}{photo.pk}/"
    return [photo.incoming_key, photo.original_key(""), renditions]


def delete_files(prefixes: Sequence[str]) -> int:
    """Delete all files whose names begin with one of these; returns how many there were. Safe to run twice."""
    return sum(default_storage.delete_all(prefix) for prefix in prefixes)  # type: ignore[attr-defined]


def _delete_files_later(prefixes: Iterable[str]) -> None:
    from app.galleries.tasks import delete_stored

    delete_stored.enqueue(list(prefixes))
