"""Writes about uploads, one verb each: sign what may be sent, note what has arrived."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from app.galleries.models import Gallery, Photo
from app.galleries.tasks import develop_photo
from app.uploads.files import UploadFile
from serverless.storage import PresignedUpload, presign_upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A photo's row with the signed request that sends its file; without one the gallery has the file already."""

    photo: Photo
    upload: PresignedUpload | None


@transaction.atomic
def request_uploads(gallery: Gallery, files: Sequence[UploadFile]) -> list[Ticket]:
    """Make a row for each new file and sign its upload; one ticket a file, in order.

    A file whose row is pending, failed or has lost its task is signed again, so that an interrupted upload resumes
    and a failed one can be retried. One that arrived before, or comes twice in the same call, gets a ticket without
    an upload.
    """
    # One call at a time in a gallery: two tabs with the same files in another order would wait for each other.
    Gallery.objects.select_for_update(no_key=True).get(pk=gallery.pk)
    wanted = {file.sha256: file for file in files}
    first_rank = (gallery.photos.aggregate(last=Max("rank"))["last"] or 0) + 1
    rows = [_new_photo(gallery, file, rank=first_rank + n) for n, file in enumerate(wanted.values())]
    Photo.objects.bulk_create(rows, ignore_conflicts=True)
    gallery.photos.filter(sha256__in=wanted).resendable().exclude(state=Photo.State.PENDING).update(
        state=Photo.State.PENDING, error="", updated_at=Now()
    )
    found = {photo.sha256: photo for photo in gallery.photos.filter(sha256__in=wanted)}
    tickets, signed = [], set[str]()
    for file in files:
        photo = found[file.sha256]
        fresh = photo.state == Photo.State.PENDING and file.sha256 not in signed
        signed.add(file.sha256)
        tickets.append(Ticket(photo=photo, upload=_sign(photo) if fresh else None))
    return tickets


def _new_photo(gallery: Gallery, file: UploadFile, *, rank: int) -> Photo:
    return Photo(
        studio_id=gallery.studio_id,
        gallery=gallery,
        rank=rank,
        filename=file.name,
        bytes=file.size,
        content_type=file.content_type,
        sha256=file.sha256,
    )


def _sign(photo: Photo) -> PresignedUpload:
    return presign_upload(photo.incoming_key, content_type=photo.content_type, size=photo.bytes, sha256=photo.sha256)


@transaction.atomic
def confirm_upload(photo: Photo) -> bool:
    """Note that the file has arrived and queue its development, both or neither; True for the call that did it."""
    pending = Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING)
    if not pending.update(state=Photo.State.UPLOADED, updated_at=Now()):
        return False
    develop_photo.enqueue(str(photo.pk))
    return True
