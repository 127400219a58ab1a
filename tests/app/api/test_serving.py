import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from app.galleries.actions import create_gallery, finish_photo
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, revoke_share_link
from tests.app.api.conftest import Caller
from tests.app.conftest import new_photo
from tests.app.galleries.test_actions import developed

pytestmark = pytest.mark.django_db

UNKNOWN = "01940000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused_everywhere(api: Caller, stranger: Caller, gallery: Gallery, method: str) -> None:
    for path in ("galleries/", f"galleries/{gallery.pk}/", "openapi.json", "nowhere/"):
        for caller in (api, stranger):
            answer = caller.call(method, path)
            assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert Gallery.objects.count() == 1


def test_head_is_get_without_a_body(api: Caller) -> None:
    answer = api.call("HEAD", "galleries/")
    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["ETag"] == api.get("galleries/").headers["ETag"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0", "x", "\0", ","])
def test_who_cannot_take_json_is_told_so(api: Caller, accept: str) -> None:
    answer = api.get("galleries/", Accept=accept)
    assert answer.status == 406
    assert "application/json" in answer.json["detail"]


@pytest.mark.parametrize("accept", ["", "*/*", "application/*", "text/html;q=0.9, application/json;q=0.1"])
def test_who_can_take_json_gets_it(api: Caller, accept: str) -> None:
    assert api.get("galleries/", Accept=accept).status == 200


@pytest.mark.parametrize(
    "path",
    ["", "galleries", "nowhere/", "galleries/1/", f"galleries/{UNKNOWN[:-1]}/", f"galleries/{UNKNOWN}0/", "photos/",
     f"galleries/{UNKNOWN}/links", "galleries/%00/", "galleries/%ff%fe/", "galleries/../../studio/",
     "photos/' OR 1=1--/", "/api/", "/api/v2/galleries/", "/api/%2e%2e/", "galleries/\n/",
     f"galleries/{UNKNOWN.replace('-', '')}/"],
)  # fmt: skip
def test_unknown_addresses_are_problems_too(api: Caller, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 404
    assert answer.json["title"] == "Not Found"
    assert answer.json["type"].endswith("/api/v1/openapi.json#/components/responses/NotFound")


def test_ids_that_nobody_has(api: Caller) -> None:
    for path in (
        f"galleries/{UNKNOWN}/",
        f"galleries/{UNKNOWN}/photos/",
        f"galleries/{UNKNOWN}/links/",
        f"photos/{UNKNOWN}/",
    ):
        answer = api.get(path)
        assert (answer.status, answer.json["instance"]) == (404, f"/api/v1/{path}")


def test_an_unexpected_exception_is_a_problem_that_says_nothing_of_it(api: Caller, gallery: Gallery) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE galleries_gallery RENAME COLUMN title TO gone")
    answer = api.get(f"galleries/{gallery.pk}/")
    assert (answer.status, answer.json["title"]) == (500, "Internal Server Error")
    assert b"title" not in answer.content.replace(b'"title"', b"")
    assert b"psycopg" not in answer.content


def test_an_exception_elsewhere_still_has_its_page(api: Caller) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sharing_sharelink RENAME COLUMN label TO gone")
    response = api.client.get("/s/x/")
    assert response.status_code == 500
    assert b"Something broke on our side." in response.content


def test_a_request_that_django_refuses_is_a_problem(api: Caller) -> None:
    answer = api.get("galleries/", Host="evil.test")
    assert (answer.status, answer.json["title"]) == (400, "Bad Request")
    elsewhere = api.client.get("/studio/", headers={"Host": "evil.test"})
    assert elsewhere.status_code == 400
    assert "json" not in elsewhere["Content-Type"]


def test_too_many_parameters_are_a_problem(api: Caller) -> None:
    assert api.get("galleries/?" + "&".join(f"a{n}=1" for n in range(1500))).status == 400


def test_who_has_the_answer_gets_304(api: Caller, gallery: Gallery) -> None:
    photo = new_photo(gallery)
    create_share_link(gallery, label="Them")
    for path in ("galleries/", f"galleries/{gallery.pk}/", f"galleries/{gallery.pk}/photos/",
                 f"galleries/{gallery.pk}/links/", f"photos/{photo.pk}/"):  # fmt: skip
        first = api.get(path)
        etag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Authorization"} <= {name.strip() for name in first.headers["Vary"].split(",")}
        for known in (etag, f'"x", {etag}', etag.removeprefix("W/"), "*"):
            answer = api.get(path, If_None_Match=known)
            assert answer.status == 304
            assert answer.headers["ETag"] == etag
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "Content-Type" not in answer.headers
        for unknown in ('"x"', "x", "", f'{etag[:-2]}x"', "\0"):
            assert api.get(path, If_None_Match=unknown).status == 200


def test_a_photo_that_became_ready_makes_answers_new(api: Caller, gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    paths = ("galleries/", f"galleries/{gallery.pk}/", f"galleries/{gallery.pk}/photos/")
    before = {path: api.get(path).headers["ETag"] for path in paths}
    finish_photo(photo, developed(photo))
    for path in paths:
        assert api.get(path, If_None_Match=before[path]).status == 200


def test_a_revoked_link_makes_the_list_new(api: Caller, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them")
    path = f"galleries/{gallery.pk}/links/"
    etag = api.get(path).headers["ETag"]
    revoke_share_link(link)
    assert api.get(path, If_None_Match=etag).status == 200


def test_two_galleries_never_share_an_etag(api: Caller, gallery: Gallery) -> None:
    other = create_gallery(gallery.studio, title="Other")
    etag = api.get(f"galleries/{gallery.pk}/").headers["ETag"]
    assert api.get(f"galleries/{other.pk}/", If_None_Match=etag).status == 200


def test_the_ids_and_the_host_of_a_caller_do_not_reach_the_addresses(
    api: Caller, gallery: Gallery, settings: Settings
) -> None:
    for n in range(2):
        new_photo(gallery, rank=n)
    settings.SITE_URL = "https://loupe.example"
    answer = api.get(f"galleries/{gallery.pk}/photos/?limit=1", Host="localhost")
    assert answer.json["next"].startswith("https://loupe.example/api/v1/")
    assert answer.json["data"][0]["renditions"][0]["url"].startswith("https://loupe.example/media/")
