"""Writes, one verb each."""

import uuid

from django.db import IntegrityError

from app.galleries.models import Gallery, Photo
from app.reports.exceptions import NothingToPrint, TooManyPhotos
from app.reports.models import LONGEST_ERROR, Report
from app.reports.options import ContactSheetOptions
from serverless.db.shards import atomic

# The worker has 120 s. Drawing is nothing (0.4 s for 2,000 photos, `benchmarks/contact_sheet.py`); fetching is all:
# 6 ms of CPU a photo and the way to S3 and back, 37 ms in all from the local one, which is slower than AWS's.
MOST_PHOTOS = 2500
LOST = "This one got lost on its way. Make it again."


@atomic(Report)
def request_contact_sheet(gallery: Gallery, *, options: ContactSheetOptions) -> Report:
    """Note that a contact sheet is wanted and queue its rendering, both or neither.

    Asked again while the gallery is the same, the answer is the report that is there or on its way. Raises
    ReportRefused, and Gallery.DoesNotExist for one that is gone.
    """
    # The version as it is now, not as the page that asks has read it; and nobody deletes the gallery meanwhile.
    held = Gallery.objects.select_for_update(no_key=True)
    version = held.values_list("version", flat=True).get(pk=gallery.pk)
    count = Photo.objects.filter(gallery=gallery).ready().count()
    if not count:
        raise NothingToPrint
    if count > MOST_PHOTOS:
        raise TooManyPhotos(count=count, most=MOST_PHOTOS)
    Report.objects.filter(gallery=gallery).lost().update(state=Report.State.FAILED, error=LOST)
    wanted = {
        "gallery": gallery,
        "kind": Report.Kind.CONTACT_SHEET,
        "gallery_version": version,
        "options": options.to_dict(),
    }
    return Report.objects.live().filter(**wanted).first() or _queue(gallery, wanted)


def _queue(gallery: Gallery, wanted: dict[str, object]) -> Report:
    from app.reports.tasks import render_report

    try:
        with atomic(Report):  # two clicks at once: the database lets one of them in
            report = Report.objects.create(studio_id=gallery.studio_id, **wanted)
    except IntegrityError:
        return Report.objects.live().get(**wanted)
    render_report.enqueue(str(report.pk))
    return report


def finish_report(report: Report, *, size: int, pages: int, photos: int) -> bool:
    """Mark the report ready unless another run has settled it; True for the run that did it."""
    return bool(
        Report.objects.filter(pk=report.pk, state=Report.State.QUEUED).update(
            state=Report.State.READY, key=report.file_key, bytes=size, pages=pages, photos=photos
        )
    )


def fail_report(report_id: uuid.UUID | str, *, reason: str) -> bool:
    """Mark the report failed for a reason its owner understands, unless another run has settled it."""
    return bool(
        Report.objects.filter(pk=report_id, state=Report.State.QUEUED).update(
            state=Report.State.FAILED, error=reason[:LONGEST_ERROR]
        )
    )
