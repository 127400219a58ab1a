"""Writes about uploads, one verb each: sign what may be sent, note what has arrived, forget what is not wanted.

Whoever changes what a studio keeps, or promises room to a file, holds the studio's row: parallel calls take turns, so
that together they cannot exceed the quota.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, Sum
from django.db.models.functions import Now

from app.accounts.models import Studio
from app.accounts.quota import change_usage, lock_studio
from app.galleries.models import Gallery, Photo
from app.galleries.tasks import develop_photo
from app.uploads.files import UploadFile
from app.uploads.models import HELD_FOR, Multipart
from serverless.db.shards import atomic
from serverless.storage import MultipartFailed, PresignedUpload, abort_multipart, presign_upload

logger = logging.getLogger(__name__)

# From here on a file goes in parts: they travel in parallel, and an interruption costs a part instead of the file.
# Below, the two more calls to S3 that parts need would cost more than they bring.
PARTS_FROM = 16 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What to do with a file. Without a photo the studio has no room for it; without both others it is here already."""

    photo: Photo | None
    upload: PresignedUpload | None = None
    in_parts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One ticket a file, in order, and the `left` bytes that are not promised to any file."""

    tickets: Sequence[Ticket]
    left: int


@atomic(Photo)
def request_uploads(gallery: Gallery, files: Sequence[UploadFile]) -> Signed:
    """Make a row for each new file that the studio has room for, and sign its upload.

    A file whose row is pending, failed or has lost its task is signed again, so that an interrupted upload resumes
    and a failed one can be retried. One that arrived before, or comes twice in the same call, is here already.
    """
    studio = lock_studio(gallery.studio_id)
    # Ranks are given out under the gallery's lock, by whoever gives them.
    Gallery.objects.select_for_update(no_key=True).get(pk=gallery.pk)
    wanted = {file.sha256: file for file in files}
    here = {photo.sha256: photo for photo in gallery.photos.filter(sha256__in=wanted)}
    again = {photo.sha256: photo for photo in gallery.photos.filter(sha256__in=wanted).resendable()}
    left = _left(studio, again=again.values())
    taken: dict[str, UploadFile] = {}
    for sha256, file in wanted.items():
        size = again[sha256].bytes if sha256 in again else file.size
        if (sha256 in again or sha256 not in here) and size <= left:
            taken[sha256] = file
            left -= size
    _reset(studio, [photo for sha256, photo in again.items() if sha256 in taken])
    sent = again | _insert(gallery, [file for sha256, file in taken.items() if sha256 not in again])
    return Signed(tickets=list(_tickets(files, taken=taken, sent=sent, here=here)), left=left)


def _left(studio: Studio, *, again: Iterable[Photo]) -> int:
    """Bytes that are neither kept nor promised, as if `again` were not there."""
    asked = [photo.pk for photo in again]
    held = Photo.objects.of(studio).filter(state=Photo.State.PENDING, updated_at__gt=Now() - HELD_FOR)
    promised = held.exclude(pk__in=asked).aggregate(bytes=Sum("bytes"))["bytes"] or 0
    lost = sum(photo.bytes for photo in again if photo.state == Photo.State.UPLOADED)
    return max(studio.quota_bytes - studio.used_bytes - promised + lost, 0)


def _reset(studio: Studio, photos: Sequence[Photo]) -> None:
    """Make the photos wait for their file again, and take no account of what had arrived of them."""
    if lost := sum(photo.bytes for photo in photos if photo.state == Photo.State.UPLOADED):
        change_usage(studio.pk, by=-lost)
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
        state=Photo.State.PENDING, error="", updated_at=Now()
    )


def _insert(gallery: Gallery, files: Sequence[UploadFile]) -> dict[str, Photo]:
    first_rank = (gallery.photos.aggregate(last=Max("rank"))["last"] or 0) + 1
    photos = [
        Photo(
            studio_id=gallery.studio_id,
            gallery=gallery,
            rank=first_rank + n,
            filename=file.name,
            bytes=file.size,
            content_type=file.content_type,
            sha256=file.sha256,
        )
        for n, file in enumerate(files)
    ]
    return {photo.sha256: photo for photo in Photo.objects.bulk_create(photos)}


def _tickets(
    files: Sequence[UploadFile],
    *,
    taken: dict[str, UploadFile],
    sent: dict[str, Photo],
    here: dict[str, Photo],
) -> Iterable[Ticket]:
    signed = set[str]()
    for file in files:
        if file.sha256 not in taken:
            resendable = file.sha256 in sent
            yield Ticket(photo=None if resendable else here.get(file.sha256))
        elif file.sha256 in signed:
            yield Ticket(photo=sent[file.sha256])
        else:
            signed.add(file.sha256)
            photo = sent[file.sha256]
            in_parts = photo.bytes >= PARTS_FROM
            yield Ticket(photo=photo, upload=None if in_parts else _sign(photo), in_parts=in_parts)


def _sign(photo: Photo) -> PresignedUpload:
    return presign_upload(photo.incoming_key, content_type=photo.content_type, size=photo.bytes, sha256=photo.sha256)


@atomic(Photo)
def confirm_upload(photo: Photo) -> bool:
    """Note that the file has arrived and queue its development, both or neither; True for the call that did it."""
    lock_studio(photo.studio_id)
    pending = Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING)
    if not pending.update(state=Photo.State.UPLOADED, updated_at=Now()):
        return False
    change_usage(photo.studio_id, by=photo.bytes)
    Multipart.objects.filter(photo=photo.pk).delete()
    develop_photo.enqueue(str(photo.pk))
    return True


def cancel_upload(photo: Photo) -> bool:
    """Forget a photo whose file has not arrived, and what S3 has of it; False if it has arrived."""
    with atomic(Photo):
        lock_studio(photo.studio_id)  # Django reads rows before it deletes them: one could arrive in between
        multipart = Multipart.objects.filter(photo=photo.pk).first()
        deleted, _ = Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING).delete()
    if multipart is not None and deleted:
        try:
            abort_multipart(photo.incoming_key, upload_id=multipart.upload_id)
        except MultipartFailed as error:  # the bucket's own rule drops it after a day
            logger.warning("parts of a cancelled upload stay", extra={"photo": photo.pk, "reason": str(error)})
    return bool(deleted)
