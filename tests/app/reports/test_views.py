import uuid
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from app.galleries.models import Gallery
from app.reports.actions import finish_report, request_contact_sheet
from app.reports.models import Report
from app.reports.options import ContactSheetOptions, Paper
from tests.app.conftest import new_photo
from tests.app.reports.conftest import other_member

pytestmark = pytest.mark.django_db

CHOICE = {"paper": "letter", "columns": "5", "captions": "on"}


def page(gallery: Gallery) -> str:
    return f"/studio/galleries/{gallery.pk}/contact-sheets/"


def ready(gallery: Gallery, content: bytes = b"%PDF") -> Report:
    report = request_contact_sheet(gallery, options=ContactSheetOptions())
    default_storage.save(report.file_key, ContentFile(content))
    finish_report(report, size=len(content), pages=1, photos=5)
    return report


def test_making_one_comes_back_to_the_list(studio_client: Client, full: Gallery) -> None:
    response = studio_client.post(page(full), CHOICE)
    report = Report.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{page(full)}#sheet-{report.pk}")
    assert report.contact_sheet == ContactSheetOptions(paper=Paper.LETTER, columns=5, captions=True)
    listed = studio_client.get(page(full))
    assert "US Letter, 5 columns, with file names" in listed.content.decode()
    assert "data-waiting" in listed.content.decode()


def test_clicking_twice_is_one_report(studio_client: Client, full: Gallery) -> None:
    for _ in range(2):
        studio_client.post(page(full), CHOICE)
    assert Report.objects.count() == 1


def test_an_empty_gallery_is_told_what_to_do(studio_client: Client, gallery: Gallery) -> None:
    assert b"No contact sheets yet." in studio_client.get(page(gallery)).content
    response = studio_client.post(page(gallery), CHOICE)
    assert response.status_code == 422
    assert b"No photo of this gallery is ready yet." in response.content
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"paper": "a3"}, {"paper": ""}, {"columns": "2"}, {"columns": "7"}, {"columns": "four"}, {"columns": ""},
        {"columns": "4\0"}, {"paper": "a4" * 9999},
    ],
)  # fmt: skip
def test_bad_choices_are_refused(studio_client: Client, full: Gallery, bad: dict[str, str]) -> None:
    assert studio_client.post(page(full), CHOICE | bad).status_code == 422
    assert not Report.objects.exists()


def test_the_file_is_fetched_from_the_bucket_under_its_own_name(studio_client: Client, full: Gallery) -> None:
    report = ready(full, b"%PDF-1.4 real")
    response = studio_client.get(f"/studio/contact-sheets/{report.pk}/file/")
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]
    assert "X-Amz-Expires=60" in response["Location"]
    with urlopen(response["Location"], timeout=5) as file:
        assert file.read() == b"%PDF-1.4 real"
        assert file.headers["Content-Disposition"] == 'attachment; filename="ada-charles-contact-sheet.pdf"'
    assert f"/studio/contact-sheets/{report.pk}/file/" in studio_client.get(page(full)).content.decode()


def test_what_is_not_ready_has_no_file(studio_client: Client, full: Gallery) -> None:
    report = request_contact_sheet(full, options=ContactSheetOptions())
    assert studio_client.get(f"/studio/contact-sheets/{report.pk}/file/").status_code == 404
    assert studio_client.get(f"/studio/contact-sheets/{uuid.uuid4()}/file/").status_code == 404


def test_another_studio_sees_nothing(full: Gallery, foreign: Gallery) -> None:
    report, stranger = ready(full), other_member(foreign)
    assert stranger.get(page(full)).status_code == 404
    assert stranger.post(page(full), CHOICE).status_code == 404
    assert stranger.get(f"/studio/contact-sheets/{report.pk}/file/").status_code == 404
    assert Report.objects.count() == 1


def test_strangers_sign_in_first(client: Client, full: Gallery) -> None:
    report = ready(full)
    for path in (page(full), f"/studio/contact-sheets/{report.pk}/file/"):
        assert client.get(path)["Location"].startswith("/sign-in/?next=")


def test_a_get_changes_nothing_and_a_file_takes_no_post(studio_client: Client, full: Gallery) -> None:
    report = ready(full)
    assert studio_client.post(f"/studio/contact-sheets/{report.pk}/file/").status_code == 405
    assert studio_client.put(page(full)).status_code == 405
    assert studio_client.head(page(full)).status_code == 200


def test_a_failed_one_says_why(studio_client: Client, full: Gallery) -> None:
    report = request_contact_sheet(full, options=ContactSheetOptions())
    Report.objects.filter(pk=report.pk).update(state="failed", error="It <b>rained</b>.")
    content = studio_client.get(page(full)).content.decode()
    assert "It &lt;b&gt;rained&lt;/b&gt;." in content
    assert "data-waiting" not in content


@pytest.mark.parametrize("reports", [1, 40])
def test_the_page_asks_four_questions_however_long_the_list(
    studio_client: Client, full: Gallery, reports: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows: list[Any] = [
        Report(studio=full.studio, gallery=full, gallery_version=n, options=ContactSheetOptions().to_dict())
        for n in range(reports)
    ]
    Report.objects.bulk_create(rows)
    studio_client.get(page(full))  # the session is in the cache now
    with django_assert_num_queries(4):  # user, membership with studio, gallery, reports
        content = studio_client.get(page(full)).content.decode()
    assert content.count('class="sheet sheet--queued"') == min(reports, 30)


def test_asking_costs_the_same_for_any_number_of_photos(
    studio_client: Client, full: Gallery, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    studio_client.get(page(full))
    for columns in ("3", "4"):
        with django_assert_num_queries(13):
            studio_client.post(page(full), CHOICE | {"columns": columns})
        for rank in range(10, 20):
            if columns == "3":
                new_photo(full, rank=rank)
