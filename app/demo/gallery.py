"""The demo gallery, made as a photographer makes one: signed, sent to S3, confirmed, developed by the worker, shared.

Each step can be run again: what was interrupted goes on where it stopped at the next start.
"""

import hashlib
import mimetypes
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from app.accounts.models import Studio
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery, Photo
from app.sharing.actions import create_share_link, link_address
from app.uploads.actions import Ticket, confirm_upload, request_uploads
from app.uploads.files import parse_upload

TITLE = "A slow summer"
SLUG = "a-slow-summer"
# Left in the bucket when the gallery is finished, and beside it in the state directory: whoever deletes the gallery
# does not get it again.
_MADE = "demo/gallery-made"
_LONGEST_WAIT_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file, and the name to upload it under."""

    path: Path
    filename: str


def is_wanted(studio: Studio) -> bool:
    """Whether the studio never had the gallery, and none of its own."""
    return not default_storage.exists(_MADE) and not Gallery.objects.of(studio).exclude(slug=SLUG).exists()


def make_gallery(studio: Studio, sources: Sequence[Source]) -> str:
    """Make or finish the gallery; returns the client's address of it. Raises OSError where S3 does not take a file."""
    gallery = Gallery.objects.of(studio).filter(slug=SLUG).first() or create_gallery(studio, title=TITLE)
    tickets = request_uploads(gallery, [parse_upload(_describe(source)) for source in sources]).tickets
    for ticket, source in zip(tickets, sources, strict=True):
        _send(ticket, source.path)
    _wait(gallery)
    _, token = create_share_link(gallery, label="Demo")
    default_storage.save(_MADE, ContentFile(b""))
    return link_address(token)


def _describe(source: Source) -> dict[str, object]:
    content = source.path.read_bytes()
    return {
        "name": source.filename,
        "size": len(content),
        "type": mimetypes.guess_type(source.path.name)[0],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _send(ticket: Ticket, path: Path) -> None:
    if ticket.photo is None or ticket.in_parts:
        raise OSError(f"{path.name} is too large for the demo gallery, or its studio is full. Take a smaller file.")
    if ticket.upload is not None:
        request = urllib.request.Request(ticket.upload.url, path.read_bytes(), ticket.upload.headers, method="PUT")  # noqa: S310 - S3's own address
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # S3 is on this machine
        with straight.open(request, timeout=60):
            pass
    confirm_upload(ticket.photo)


def _wait(gallery: Gallery) -> None:
    """Give the worker its time, so that the first look is at a finished gallery; what takes longer comes later."""
    deadline = time.monotonic() + _LONGEST_WAIT_S
    while time.monotonic() < deadline and Photo.objects.filter(gallery=gallery).counts()[Photo.State.UPLOADED]:
        time.sleep(0.5)
