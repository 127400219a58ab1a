"""From a queued report to its file: read the gallery, draw, store, settle.

A second run draws onto the same name, or finds the row settled and leaves it alone.
"""

from contextlib import AbstractContextManager
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.formats import date_format

from app.galleries.models import Gallery, Photo
from app.reports.actions import fail_report, finish_report
from app.reports.contact_sheet import Cover, draw_contact_sheet
from app.reports.exceptions import NothingToPrint
from app.reports.layout import Chapter, Frame
from app.reports.models import Report

_STATES = Report.State


def render(report: Report) -> str:
    """Render a report, or mark it failed with a reason; returns the state it is left in.

    Raises whatever storage or database raise: the task is run again.
    """
    if report.state != _STATES.QUEUED:
        return report.state
    chapters = chapters_of(report.gallery)
    photos = sum(len(chapter.frames) for chapter in chapters)
    if not photos:  # they were there when it was asked for
        fail_report(report.pk, reason=str(NothingToPrint()))
        return _STATES.FAILED
    with TemporaryFile() as file:
        pages = draw_contact_sheet(
            file, cover=_cover(report.gallery), chapters=chapters, options=report.contact_sheet, open_file=_open
        )
        size = file.tell()
        content = File(file)
        content.content_type = "application/pdf"  # type: ignore[attr-defined]  # django-storages reads it
        default_storage.save(report.file_key, content)
    settled = finish_report(report, size=size, pages=pages, photos=photos)
    if not settled and not Report.objects.filter(pk=report.pk).exists():  # deleted meanwhile, with its gallery perhaps
        default_storage.delete(report.file_key)
        return "gone"
    return _STATES.READY


def chapters_of(gallery: Gallery) -> list[Chapter]:
    """The gallery's ready photos as the gallery shows them. Chapters by section begin here."""
    rows = Photo.objects.filter(gallery=gallery).ready().in_order().values_list("filename", "renditions")
    frames = []
    for number, (filename, renditions) in enumerate(rows.iterator(chunk_size=500), start=1):
        small = min((r for r in renditions if r["format"] == "jpeg"), key=lambda r: r["width"])
        frames.append(
            Frame(number=number, filename=filename, key=small["key"], width=small["width"], height=small["height"])
        )
    return [Chapter(title="", frames=frames)] if frames else []


def _cover(gallery: Gallery) -> Cover:
    day = date_format(gallery.event_date, "j F Y") if gallery.event_date else ""
    return Cover(title=gallery.title, studio=gallery.studio.name, day=day)


def _open(key: str) -> AbstractContextManager[BinaryIO]:
    return cast("AbstractContextManager[BinaryIO]", default_storage.open(key))
