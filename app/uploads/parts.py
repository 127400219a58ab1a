"""Uploads in parts: begin or continue one, sign a part, put the parts together."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models.functions import Now
from django.utils import timezone

from app.accounts.quota import lock_studio
from app.galleries.models import Photo
from app.uploads.actions import confirm_upload
from app.uploads.models import HELD_FOR, Multipart
from app.uploads.tasks import drop_unfinished_parts
from serverless.db.shards import atomic
from serverless.storage import (
    NoSuchMultipart,
    Part,
    PresignedUpload,
    abort_multipart,
    complete_multipart,
    create_multipart,
    list_parts,
    part_sizes,
    presign_part,
    stored_size,
)

# Small enough that an interruption costs seconds, large enough that signing costs nothing beside it.
PART_BYTES = 8 * 1024**2


class NotExpected(Exception):
    """Nothing is to be sent for this photo: ask for its upload to be signed, and begin anew."""


class PartsMissing(Exception):
    """Not every part has arrived: list them, send the others and ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An upload in parts of `part_bytes` each, and those that have arrived."""

    part_bytes: int
    parts: Sequence[Part]


def begin_parts(photo: Photo) -> Begun:
    """Begin the upload of a photo in parts, or find what has arrived of it.

    Raises NotExpected, MultipartFailed.
    """
    if not _held(photo):
        raise NotExpected
    multipart = Multipart.objects.filter(photo=photo.pk).first()
    if multipart is not None:
        try:
            return _begun(photo, multipart)
        except NoSuchMultipart:
            multipart.delete()
    return _begun(photo, _begin(photo))


def _held(photo: Photo) -> bool:
    """Whether the studio's room is held for the file; if it is, for another while."""
    held = Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING, updated_at__gt=Now() - HELD_FOR)
    return bool(held.update(updated_at=Now()))


def _begin(photo: Photo) -> Multipart:
    upload_id = create_multipart(photo.incoming_key, content_type=photo.content_type)
    with atomic(Photo):
        lock_studio(photo.studio_id)  # whoever deletes photos holds it
        if not Photo.objects.filter(pk=photo.pk).exists():  # the bucket's own rule drops the upload after a day
            raise NotExpected
        multipart, mine = Multipart.objects.get_or_create(
            photo=photo,
            defaults={"studio_id": photo.studio_id, "upload_id": upload_id, "part_bytes": PART_BYTES},
        )
        if mine:
            drop_unfinished_parts.using(run_after=timezone.now() + HELD_FOR).enqueue(str(photo.pk))
    if not mine:  # another tab was quicker
        abort_multipart(photo.incoming_key, upload_id=upload_id)
    return multipart


def _begun(photo: Photo, multipart: Multipart) -> Begun:
    parts = list_parts(photo.incoming_key, upload_id=multipart.upload_id)
    expected = _sizes(photo, multipart)
    whole = [part for part in parts if part.number in expected and part.size == expected[part.number]]
    return Begun(part_bytes=multipart.part_bytes, parts=whole)


def _sizes(photo: Photo, multipart: Multipart) -> dict[int, int]:
    return dict(enumerate(part_sizes(photo.bytes, part_bytes=multipart.part_bytes), start=1))


def sign_part(photo: Photo, *, number: int, sha256: str) -> PresignedUpload:
    """Sign a part of an upload that has begun; `sha256` of the part in hex. Raises NotExpected."""
    held = Photo.objects.filter(state=Photo.State.PENDING, updated_at__gt=Now() - HELD_FOR)
    multipart = Multipart.objects.filter(photo__in=held.filter(pk=photo.pk)).first()
    size = _sizes(photo, multipart).get(number) if multipart is not None else None
    if multipart is None or size is None:
        raise NotExpected
    return presign_part(
        photo.incoming_key,
        upload_id=multipart.upload_id,
        number=number,
        content_type=photo.content_type,
        size=size,
        sha256=sha256,
    )


def finish_parts(photo: Photo) -> None:
    """Put the parts together and note that the file has arrived; saying it again does no harm.

    Raises NotExpected, PartsMissing, MultipartFailed.
    """
    multipart = Multipart.objects.filter(photo=photo.pk).first()
    if multipart is None:
        if Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING).exists():
            raise NotExpected
        return
    try:
        begun = _begun(photo, multipart)
        if [part.number for part in begun.parts] != list(_sizes(photo, multipart)):
            raise PartsMissing
        complete_multipart(photo.incoming_key, upload_id=multipart.upload_id, parts=begun.parts)
    except NoSuchMultipart:
        # Put together by a call before this one, whose answer was lost?
        if stored_size(photo.incoming_key) != photo.bytes:
            raise NotExpected from None
    confirm_upload(photo)
