from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from app.galleries.models import Gallery, Photo
from app.galleries.removal import delete_gallery
from app.reports.actions import request_contact_sheet
from app.reports.models import Report
from app.reports.options import ContactSheetOptions
from app.reports.rendering import render
from app.reports.signals import GAVE_UP
from app.reports.tasks import render_report
from serverless.tasks.models import TaskRow
from serverless.tasks.retries import MAX_ATTEMPTS
from serverless.tasks.work.shift import Shift
from tests import aws
from tests.app.reports.conftest import printable_photo

pytestmark = pytest.mark.django_db


def requested(gallery: Gallery) -> Report:
    return request_contact_sheet(gallery, options=ContactSheetOptions())


def run(report: Report) -> Report:
    state = render_report.call(str(report.pk))
    report.refresh_from_db()
    assert report.state == state
    return report


def read(report: Report) -> PdfReader:
    with default_storage.open(report.key) as file:
        return PdfReader(BytesIO(file.read()), strict=True)


def work() -> None:
    """Run what is due as the worker does."""
    Shift().run(list(TaskRow.objects.values_list("pk", flat=True)), database="default")


def test_the_pdf_is_in_the_bucket_and_the_row_says_so(full: Gallery, settings: Settings) -> None:
    report = run(requested(full))
    assert report.key == f"reports/{full.studio_id}/{report.pk}.pdf"
    assert (report.state, report.pages, report.photos) == ("ready", 1, 5)
    stored = aws.client("s3").head_object(Bucket=settings.MEDIA_BUCKET, Key=report.key)
    assert (stored["ContentType"], stored["ContentLength"]) == ("application/pdf", report.bytes)
    assert stored["CacheControl"] == "private, no-store"
    assert "Ada & Charles\nOur Studio · 5 photos\n1.jpg\n2.jpg" in read(report).pages[0].extract_text()


def test_photos_are_in_the_gallerys_order_and_only_ready_ones(full: Gallery) -> None:
    Photo.objects.filter(rank=1).update(rank=9)
    Photo.objects.filter(rank=2).update(state="failed", error="No.")
    lines = read(run(requested(full))).pages[0].extract_text().splitlines()
    assert lines[2:6] == ["3.jpg", "4.jpg", "5.jpg", "1.jpg"]


def test_second_run_changes_nothing(full: Gallery) -> None:
    report = run(requested(full))
    default_storage.delete(report.key)
    assert run(report).state == "ready"
    assert not default_storage.exists(report.key)


def test_run_that_lost_the_race_leaves_the_winner_alone(full: Gallery) -> None:
    report = requested(full)
    Report.objects.filter(pk=report.pk).update(state="ready", key="reports/winner.pdf", bytes=1, pages=1)
    assert run(report).key == "reports/winner.pdf"


def test_report_that_is_gone_is_no_error() -> None:
    assert render_report.call("018f0000-0000-7000-8000-000000000000") == "gone"


def test_photos_that_went_away_meanwhile_fail_it_with_a_reason(full: Gallery) -> None:
    report = requested(full)
    Photo.objects.all().delete()
    assert run(report).error == "No photo of this gallery is ready yet. Add some, and make the contact sheet then."


@pytest.mark.django_db(transaction=True)
def test_a_failing_render_is_tried_again_and_then_given_up(full: Gallery) -> None:
    printable_photo(full, rank=6, stored=False)
    report = requested(full)
    work()
    row = TaskRow.objects.get()
    assert (row.state, row.attempts) == ("ready", 1)  # to be run again
    report.refresh_from_db()
    assert report.state == "queued"
    TaskRow.objects.update(attempts=MAX_ATTEMPTS - 1, due_at=row.enqueued_at)
    work()
    assert TaskRow.objects.get().state == "dead"
    report.refresh_from_db()
    assert (report.state, report.error) == ("failed", GAVE_UP)
    assert not default_storage.exists(report.file_key)


@pytest.mark.django_db(transaction=True)
def test_a_render_that_failed_once_succeeds_later(full: Gallery) -> None:
    missing = printable_photo(full, rank=6, stored=False)
    report = requested(full)
    work()
    printed = Photo.objects.get(rank=1).renditions[-1]["key"]
    with default_storage.open(printed) as file:
        default_storage.save(missing.renditions[-1]["key"], file)
    TaskRow.objects.update(due_at=TaskRow.objects.get().enqueued_at)
    work()
    report.refresh_from_db()
    assert (report.state, report.photos) == ("ready", 6)


@pytest.mark.django_db(transaction=True)
def test_file_goes_with_its_gallery(full: Gallery) -> None:
    report = run(requested(full))
    delete_gallery(full)
    work()
    assert not Report.objects.exists()
    assert not default_storage.exists(report.key)


def test_report_deleted_while_it_is_rendered_leaves_no_file(full: Gallery) -> None:
    stale = requested(full)
    found = Report.objects.select_related("gallery__studio").get(pk=stale.pk)
    Report.objects.filter(pk=stale.pk).delete()
    assert render(found) == "gone"
    assert not default_storage.exists(stale.file_key)
