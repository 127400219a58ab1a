import pytest
from django.test import Client

from app.accounts.models import Membership, Studio, User
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link

pytestmark = pytest.mark.django_db


def test_every_studio_page_lends_the_studios_files_once(
    studio_client: Client, studio: Studio, gallery: Gallery
) -> None:
    response = studio_client.get("/studio/")
    assert response.cookies["CloudFront-Policy"]["path"] == f"/media/{studio.pk}/"
    assert (response.cookies["files"]["path"], response.cookies["files"]["max-age"]) == ("/studio/", 900)
    for path in ("/studio/", f"/studio/galleries/{gallery.pk}/", f"/studio/galleries/{gallery.pk}/progress/"):
        assert not {"CloudFront-Policy", "files"} & studio_client.get(path).cookies.keys()
    del studio_client.cookies["files"]
    response = studio_client.post("/studio/files/")
    assert (response.status_code, response["Cache-Control"]) == (204, "private, no-store")
    assert "CloudFront-Policy" in response.cookies


def test_strangers_are_lent_nothing(client: Client, gallery: Gallery) -> None:
    for response in (client.get("/studio/"), client.post("/studio/files/"), client.get("/"), client.get("/sign-in/")):
        assert not any(name.startswith("CloudFront") for name in response.cookies)
    assert client.post("/studio/files/").status_code == 302
    assert client.get("/studio/files/").status_code == 405


def test_another_studio_is_another_right(studio_client: Client, studio: Studio) -> None:
    studio_client.cookies["files"] = f"media.{create_gallery(Studio.objects.create(slug='x', name='X'), title='X').pk}."
    assert f"/media/{studio.pk}/" == studio_client.get("/studio/").cookies["CloudFront-Policy"]["path"]


def test_photographer_at_an_own_link_has_both_rights(studio_client: Client, gallery: Gallery) -> None:
    _, token = create_share_link(gallery, label="Them")
    studio = studio_client.get("/studio/").cookies["CloudFront-Policy"]
    del studio_client.cookies["files"]  # it is not sent to the client's pages
    client = studio_client.get(f"/s/{token}/").cookies["CloudFront-Policy"]
    assert client["path"].startswith(studio["path"])
    assert client["path"] != studio["path"]  # a browser keeps both, and sends the longer path's first


def test_answers_that_lend_are_kept_by_no_cache(studio_client: Client, foreign: Gallery) -> None:
    response = studio_client.get(f"/studio/galleries/{foreign.pk}/")
    assert response.status_code == 404
    assert "CloudFront-Policy" in response.cookies
    assert response["Cache-Control"] == "private, no-store"


def test_sign_out_takes_the_files_of_all_studios_back(studio_client: Client, studio: Studio, member: User) -> None:
    second = Studio.objects.create(slug="second", name="Second")
    Membership.objects.create(studio=second, user=member)
    studio_client.get("/studio/")
    response = studio_client.post("/sign-out/")
    lines = response.cookies.output().splitlines()
    for one in (studio, second):
        gone = [line for line in lines if f"Path=/media/{one.pk}/" in line]
        assert len(gone) == 4
        assert all("CloudFront-" in line and "Max-Age=0" in line for line in gone)
    assert "files" in response.cookies


def test_nobody_signed_in_has_nothing_to_give_back(client: Client) -> None:
    assert not any(name.startswith("CloudFront") for name in client.post("/sign-out/").cookies)
