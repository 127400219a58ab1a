"""Writes that cross rows, one verb each. Everything that others may see happens in one transaction."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from app.accounts.models import Studio
from app.galleries.checksums import Checksums
from app.galleries.models import LONGEST_ERROR, Gallery, Photo, ShareLink, StoredRendition
from app.galleries.queries import token_hash
from app.galleries.uploads import UploadFile
from app.notifications.actions import one_line, send_mail_later
from serverless.ids import uuid7
from serverless.storage import PresignedUpload, presign_upload

# 24 bytes are 192 random bits: out of reach of guessing, 32 characters in the address.
TOKEN_BYTES = 24
_SLUG_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A photo's row with the signed request that sends its file; without one the gallery has the file already."""

    photo: Photo
    upload: PresignedUpload | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Developed:
    """What developing found out and made."""

    width: int
    height: int
    taken_at: datetime | None
    exif: Mapping[str, str | float]
    has_gps: bool
    original: Checksums
    thumbhash: str
    colour: str
    renditions: Sequence[StoredRendition]


def create_gallery(studio: Studio, *, title: str, event_date: date | None = None) -> Gallery:
    """Make a draft gallery; its slug is unique in the studio."""
    pk = uuid7()
    slug = slugify(title)[:_SLUG_LENGTH].strip("-") or "gallery"
    gallery = Gallery(pk=pk, studio=studio, slug=slug, title=title, event_date=event_date)
    try:
        with transaction.atomic():  # asking first would let two clicks at once find the slug free
            gallery.save(force_insert=True)
    except IntegrityError:
        gallery.slug = f"{slug}-{pk.hex[-8:]}"
        gallery.save(force_insert=True)
    return gallery


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
    from app.galleries.tasks import develop_photo

    pending = Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING)
    if not pending.update(state=Photo.State.UPLOADED, updated_at=Now()):
        return False
    develop_photo.enqueue(str(photo.pk))
    return True


@transaction.atomic
def finish_photo(photo: Photo, result: Developed) -> bool:
    """Mark the photo ready unless another run has settled it; True for the run that did it."""
    settled = Photo.objects.filter(pk=photo.pk, state=Photo.State.UPLOADED).update(
        state=Photo.State.READY,
        width=result.width,
        height=result.height,
        taken_at=result.taken_at,
        exif=dict(result.exif),
        has_gps=result.has_gps,
        original_bytes=result.original.bytes,
        original_sha256=result.original.sha256,
        crc32=result.original.crc32,
        thumbhash=result.thumbhash,
        colour=result.colour,
        renditions=list(result.renditions),
        updated_at=Now(),
    )
    if settled:
        Gallery.objects.filter(pk=photo.gallery_id).update(version=F("version") + 1)
    return bool(settled)


def fail_photo(photo_id: uuid.UUID | str, *, reason: str) -> bool:
    """Mark the photo failed for a reason its owner understands, unless another run has settled it."""
    return bool(
        Photo.objects.filter(pk=photo_id, state=Photo.State.UPLOADED).update(
            state=Photo.State.FAILED, error=reason[:LONGEST_ERROR], updated_at=Now()
        )
    )


@transaction.atomic
def create_share_link(
    gallery: Gallery, *, label: str, expires_at: datetime | None = None, send_to: str = ""
) -> tuple[ShareLink, str]:
    """Make a link, publish the gallery and mail the address to `send_to`, if given.

    Returns the link and its token, which cannot be had again.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ShareLink.objects.create(
        studio_id=gallery.studio_id, gallery=gallery, label=label, token_hash=token_hash(token), expires_at=expires_at
    )
    Gallery.objects.filter(pk=gallery.pk).update(status=Gallery.Status.PUBLISHED, version=F("version") + 1)
    gallery.refresh_from_db()
    if send_to:
        _mail_link(link, token=token, to=send_to)
    return link, token


def link_address(token: str) -> str:
    """The public address of a link."""
    return settings.SITE_URL + reverse("client-gallery", args=[token])


def _mail_link(link: ShareLink, *, token: str, to: str) -> None:
    send_mail_later(
        "galleries/email/gallery_ready",
        to=to,
        context={
            "studio": one_line(link.gallery.studio.name),
            "title": one_line(link.gallery.title),
            "last_day": link.last_day,
            "address": link_address(token),
        },
        idempotency_key=f"gallery_ready:{link.pk}",
    )


def revoke_share_link(link: ShareLink) -> None:
    """Close the link for good; closing it again changes nothing."""
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
