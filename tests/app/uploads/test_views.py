import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from app.accounts.models import Studio, User
from app.galleries.models import Gallery, Photo
from app.uploads.models import Multipart
from serverless.tasks.models import TaskRow
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db

LONG_AGO = "2020-01-01T00:00:00+00:00"


def described(name: str = "a.jpg", *, digit: str = "1", **change: Any) -> dict[str, Any]:
    return {"name": name, "size": 9, "type": "image/jpeg", "sha256": digit * 64} | change


def sign(client: Client, gallery: Gallery, body: object) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/studio/galleries/{gallery.pk}/uploads/", text, content_type="application/json")


def progress(client: Client, gallery: Gallery, **query: str) -> Any:
    return client.get(f"/studio/galleries/{gallery.pk}/progress/", query)


def test_each_file_gets_its_own_answer_in_order(studio_client: Client, gallery: Gallery) -> None:
    there = new_photo(gallery, sha256="2" * 64)
    body = [described("bad\u202e.gif", type="image/gif"), described(), described("again.jpg", digit="2"), None]
    refused, upload, duplicate, nothing = sign(studio_client, gallery, body).json()["files"]
    assert (refused["status"], refused["name"]) == ("refused", "bad.gif")
    assert "JPEG" in refused["reason"]
    assert upload["status"] == "upload"
    assert upload["confirm"] == f"/studio/photos/{upload['photo']}/uploaded/"
    assert "image/jpeg" in upload["headers"].values()
    assert (duplicate["status"], duplicate["photo"]) == ("duplicate", str(there.pk))
    assert nothing["status"] == "refused"
    assert Photo.objects.filter(state="pending").count() == 1


def test_a_hundred_files_in_one_call_and_no_more(studio_client: Client, gallery: Gallery) -> None:
    files = [described(f"{n}.jpg", sha256=f"{n:064x}") for n in range(101)]
    assert sign(studio_client, gallery, files).status_code == 400
    assert not Photo.objects.exists()
    assert len(sign(studio_client, gallery, files[:100]).json()["files"]) == 100


def test_a_large_file_gets_the_addresses_for_its_parts(studio_client: Client, gallery: Gallery) -> None:
    (entry,) = sign(studio_client, gallery, [described(size=20 * 2**20)]).json()["files"]
    path = f"/studio/photos/{entry['photo']}"
    assert entry == {
        "name": "a.jpg", "photo": entry["photo"], "status": "upload", "cancel": f"{path}/cancel/",
        "begin": f"{path}/parts/", "sign_part": f"{path}/parts/sign/", "finish": f"{path}/parts/finish/",
    }  # fmt: skip


def test_a_full_studio_says_how_much_is_left_and_needed(
    studio: Studio, studio_client: Client, gallery: Gallery
) -> None:
    Studio.objects.filter(pk=studio.pk).update(quota_bytes=3 * 2**20, used_bytes=2 * 2**20)
    body = [described(size=2**19), described("b.jpg", digit="2", size=2 * 2**20)]
    answer = sign(studio_client, gallery, body).json()
    assert [entry["status"] for entry in answer["files"]] == ["upload", "full"]
    assert answer["files"][1]["reason"] == "Your studio has 512.0\xa0KB left; this file needs 2.0\xa0MB."
    assert answer["left"] == 2**19


def test_cancelling(studio_client: Client, gallery: Gallery) -> None:
    pending, ready = new_photo(gallery, state="pending"), new_photo(gallery)
    assert studio_client.post(f"/studio/photos/{pending.pk}/cancel/").status_code == 200
    assert studio_client.post(f"/studio/photos/{pending.pk}/cancel/").status_code == 404
    assert studio_client.post(f"/studio/photos/{ready.pk}/cancel/").status_code == 409
    assert Photo.objects.get() == ready


@pytest.mark.parametrize("count", [3, 30])
def test_signing_asks_a_fixed_number_of_questions(
    studio_client: Client, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    files = [described(f"{n}.jpg", sha256=f"{n:064x}") for n in range(count)]
    # user, studio, gallery, savepoint, two locks, known ones, again, promised, rank, insert, release
    with django_assert_num_queries(12):
        sign(studio_client, gallery, files)


@pytest.mark.parametrize(
    "body", ["", "{", "{}", "[]", "null", "[" * 100_000, "\udcff".encode("utf-8", "replace").decode()]
)
def test_body_that_is_no_list_of_files_is_refused(studio_client: Client, gallery: Gallery, body: str) -> None:
    response = sign(studio_client, gallery, body)
    assert response.status_code == 400
    assert response.json()["error"]


def test_confirming_queues_the_work_once(studio_client: Client, gallery: Gallery) -> None:
    photo = new_photo(gallery, state="pending")
    for _ in range(2):
        assert studio_client.post(f"/studio/photos/{photo.pk}/uploaded/").status_code == 202
    assert TaskRow.objects.count() == 1


def test_progress_tells_counts_and_changes(studio_client: Client, gallery: Gallery) -> None:
    ready = new_photo(gallery, rank=1)
    failed = new_photo(gallery, state="failed", rank=2)
    new_photo(gallery, state="uploaded")
    answer = progress(studio_client, gallery, since=LONG_AGO).json()
    assert answer["counts"] == {"pending": 0, "uploaded": 1, "ready": 1, "failed": 1}
    photos = {photo["id"]: photo for photo in answer["photos"]}
    assert f'data-photo="{ready.pk}"' in photos[str(ready.pk)]["tile"]
    assert photos[str(failed.pk)]["error"] == "This file is cut off."
    assert photos[str(failed.pk)]["tile"] == ""
    assert not answer["more"]


def test_progress_leaves_out_what_has_not_changed(studio_client: Client, gallery: Gallery) -> None:
    old, new = new_photo(gallery), new_photo(gallery)
    Photo.objects.filter(pk=old.pk).update(updated_at=LONG_AGO)
    since = progress(studio_client, gallery).json()["since"]
    photos = progress(studio_client, gallery, since=since).json()["photos"]
    assert [photo["id"] for photo in photos] == [str(new.pk)]


def test_progress_comes_in_parts_that_lose_nothing(studio_client: Client, gallery: Gallery) -> None:
    moments = [timezone.now() + timedelta(minutes=n) for n in range(201)]
    photos = [new_photo(gallery, state="failed", rank=n, updated_at=moment) for n, moment in enumerate(moments)]
    first = progress(studio_client, gallery).json()
    assert (len(first["photos"]), first["more"]) == (200, True)
    second = progress(studio_client, gallery, since=first["since"]).json()
    seen = {photo["id"] for photo in first["photos"] + second["photos"]}
    assert (len(seen), second["more"]) == (len(photos), False)


def test_progress_gets_past_more_photos_than_fit_an_answer_in_one_moment(
    studio_client: Client, gallery: Gallery
) -> None:
    moment = timezone.now()
    photos = [new_photo(gallery, state="failed", rank=n, updated_at=moment) for n in range(205)]
    first = progress(studio_client, gallery).json()
    second = progress(studio_client, gallery, since=first["since"]).json()
    assert (first["more"], second["more"]) == (True, False)
    assert {photo["id"] for photo in first["photos"] + second["photos"]} == {str(photo.pk) for photo in photos}


@pytest.mark.parametrize("count", [3, 30])
def test_progress_asks_a_fixed_number_of_questions(
    studio_client: Client, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for n in range(count):
        new_photo(gallery, rank=n)
    with django_assert_num_queries(5):  # user, studio, gallery, counts, changes
        progress(studio_client, gallery)


@pytest.mark.parametrize("since", ["", "yesterday", "2026-06-20T10:00:00", "2026-13-45T99:00:00+00:00",
                                   "0001-01-01T00:00:00+00:00", "2026-06-20T10:00:00+00:00,x"])  # fmt: skip
def test_progress_since_no_time_at_all_is_refused(studio_client: Client, gallery: Gallery, since: str) -> None:
    assert progress(studio_client, gallery, since=since).status_code == 400


def test_foreign_objects_do_not_exist(studio_client: Client, foreign: Gallery) -> None:
    photo = new_photo(foreign, state="pending")
    assert sign(studio_client, foreign, [described()]).status_code == 404
    assert progress(studio_client, foreign).status_code == 404
    assert studio_client.post(f"/studio/photos/{photo.pk}/uploaded/").status_code == 404
    assert Photo.objects.get().state == "pending"
    assert not TaskRow.objects.exists()


PHOTO_ADDRESSES = ["uploaded/", "cancel/", "parts/", "parts/sign/", "parts/finish/"]


@pytest.mark.parametrize("address", PHOTO_ADDRESSES)
def test_another_studios_photo_does_not_exist(studio_client: Client, foreign: Gallery, address: str) -> None:
    photo = new_photo(foreign, state="pending", bytes=20 * 2**20)
    body = json.dumps({"number": 1, "sha256": "0" * 64})
    path = f"/studio/photos/{photo.pk}/{address}"
    assert studio_client.post(path, body, content_type="application/json").status_code == 404
    assert studio_client.get(path).status_code == 405
    assert Photo.objects.get().state == "pending"
    assert not Multipart.objects.exists()


@pytest.mark.parametrize("address", PHOTO_ADDRESSES)
def test_strangers_and_other_sites_reach_no_photo(member: User, gallery: Gallery, address: str) -> None:
    photo = new_photo(gallery, state="pending")
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/studio/photos/{photo.pk}/{address}").status_code == 403
    client.force_login(member)
    assert client.post(f"/studio/photos/{photo.pk}/{address}").status_code == 403
    assert Client().post(f"/studio/photos/{photo.pk}/{address}").status_code == 302
    assert Photo.objects.get().state == "pending"


def test_strangers_are_sent_away(client: Client, gallery: Gallery) -> None:
    photo = new_photo(gallery, state="pending")
    assert sign(client, gallery, [described()]).status_code == 302
    assert progress(client, gallery).status_code == 302
    assert client.post(f"/studio/photos/{photo.pk}/uploaded/").status_code == 302
    assert not TaskRow.objects.exists()


def test_requests_of_other_sites_are_refused(gallery: Gallery, member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    photo = new_photo(gallery, state="pending")
    assert sign(client, gallery, [described()]).status_code == 403
    assert client.post(f"/studio/photos/{photo.pk}/uploaded/").status_code == 403
    page = client.get(f"/studio/galleries/{gallery.pk}/")
    token = str(page.context["csrf_token"])
    path = f"/studio/photos/{photo.pk}/uploaded/"
    assert client.post(path, headers={"X-CSRFToken": token}).status_code == 202
