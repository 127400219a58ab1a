from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from app.galleries.models import Gallery
from app.reports import actions
from app.reports.actions import LOST, fail_report, finish_report, request_contact_sheet
from app.reports.exceptions import NothingToPrint, TooManyPhotos
from app.reports.models import Report
from app.reports.options import ContactSheetOptions, Paper
from serverless.tasks.models import TaskRow
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db

DEFAULT = ContactSheetOptions()


@pytest.fixture
def one(gallery: Gallery) -> Gallery:
    new_photo(gallery, rank=1)
    return gallery


def test_makes_a_row_and_its_task(one: Gallery) -> None:
    report = request_contact_sheet(one, options=ContactSheetOptions(paper=Paper.LETTER, columns=5, captions=False))
    report.refresh_from_db()
    assert (report.state, report.studio_id, report.gallery_version) == ("queued", one.studio_id, one.version)
    assert report.contact_sheet == ContactSheetOptions(paper=Paper.LETTER, columns=5, captions=False)
    assert TaskRow.objects.get().args == [str(report.pk)]


def test_asked_twice_is_one_report_and_one_task(one: Gallery) -> None:
    first = request_contact_sheet(one, options=DEFAULT)
    assert request_contact_sheet(one, options=DEFAULT) == first
    assert finish_report(first, size=9, pages=1, photos=1)
    assert request_contact_sheet(one, options=DEFAULT) == first
    assert TaskRow.objects.count() == 1


def test_other_options_and_a_changed_gallery_are_another_report(one: Gallery) -> None:
    first = request_contact_sheet(one, options=DEFAULT)
    assert request_contact_sheet(one, options=ContactSheetOptions(columns=5)) != first
    Gallery.objects.filter(pk=one.pk).update(version=F("version") + 1)  # `one` itself is stale, as in a view
    assert request_contact_sheet(one, options=DEFAULT) != first
    assert TaskRow.objects.count() == 3


def test_a_failed_one_can_be_made_again(one: Gallery) -> None:
    first = request_contact_sheet(one, options=DEFAULT)
    assert fail_report(first.pk, reason="No.")
    assert request_contact_sheet(one, options=DEFAULT) != first


def test_one_that_lost_its_task_is_given_up(one: Gallery) -> None:
    first = request_contact_sheet(one, options=DEFAULT)
    Report.objects.update(created_at=Now() - timedelta(minutes=59))
    assert request_contact_sheet(one, options=DEFAULT) == first
    Report.objects.update(created_at=Now() - timedelta(minutes=61))
    assert request_contact_sheet(one, options=DEFAULT) != first
    first.refresh_from_db()
    assert (first.state, first.error) == ("failed", LOST)


def test_nothing_to_print_is_refused(gallery: Gallery) -> None:
    new_photo(gallery, state="uploaded", rank=1)
    with pytest.raises(NothingToPrint, match="No photo of this gallery is ready yet"):
        request_contact_sheet(gallery, options=DEFAULT)
    assert not Report.objects.exists()


def test_too_many_photos_are_refused(one: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_PHOTOS", 1)
    request_contact_sheet(one, options=DEFAULT)
    new_photo(one, rank=2)
    with pytest.raises(TooManyPhotos, match="up to 1 photos; this gallery has 2"):
        request_contact_sheet(one, options=ContactSheetOptions(columns=5))


def test_a_settled_report_stays_as_it_is(one: Gallery) -> None:
    report = request_contact_sheet(one, options=DEFAULT)
    assert finish_report(report, size=9, pages=1, photos=1)
    assert not finish_report(report, size=10, pages=2, photos=1)
    assert not fail_report(report.pk, reason="Late.")
    report.refresh_from_db()
    assert (report.state, report.bytes, report.key) == ("ready", 9, report.file_key)


def test_a_long_reason_is_cut(one: Gallery) -> None:
    report = request_contact_sheet(one, options=DEFAULT)
    assert fail_report(report.pk, reason="x" * 999)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_report(one: Gallery) -> None:
    together, made = Barrier(2), list[Report]()

    def click() -> None:
        try:
            with transaction.atomic():
                Gallery.objects.get(pk=one.pk)
                together.wait(5)
                made.append(request_contact_sheet(one, options=DEFAULT))
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 2
    assert made[0] == made[1]
    assert TaskRow.objects.count() == 1
