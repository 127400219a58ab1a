import base64
import json
from datetime import timedelta

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink
from tests.app.conftest import new_photo
from tests.app.sharing.door import PIN, Door

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(gallery: Gallery) -> str:
    return create_share_link(gallery, label="Them")[1]


def opened_by(response: HttpResponseBase) -> tuple[str, float]:
    """The resource that the lent cookies open, and for how many seconds more."""
    policy = response.cookies["CloudFront-Policy"].value
    (statement,) = json.loads(base64.b64decode(policy.translate(str.maketrans("-_~", "+=/"))))["Statement"]
    ends = statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
    return statement["Resource"], ends - timezone.now().timestamp()


def test_pages_lend_the_files_of_their_gallery_for_half_an_hour(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    path = f"/media/{gallery.studio_id}/{gallery.pk}/"
    for page in (f"/s/{token}/", f"/s/{token}/{photo.pk}/"):
        response = Client().get(page)
        resource, seconds = opened_by(response)
        assert resource == f"http://testserver{path}*"
        assert 1795 <= seconds <= 1800
        lent = response.cookies["CloudFront-Signature"]
        assert (lent["path"], lent["httponly"], lent["samesite"]) == (path, True, "Lax")


def test_cookies_are_lent_again_only_when_half_of_their_time_is_over(client: Client, token: str) -> None:
    first = client.get(f"/s/{token}/")
    marker = first.cookies["files"]
    assert (marker["max-age"], marker["path"]) == (900, f"/s/{token}/")
    assert not client.get(f"/s/{token}/").cookies
    assert not client.post(f"/s/{token}/renew/").cookies
    del client.cookies["files"]  # as a browser does after 900 s
    assert "CloudFront-Policy" in client.post(f"/s/{token}/renew/").cookies


def test_marker_of_another_gallery_does_not_count(client: Client, gallery: Gallery, foreign: Gallery) -> None:
    mine, theirs = (create_share_link(one, label="x")[1] for one in (gallery, foreign))
    client.get(f"/s/{mine}/")
    response = client.get(f"/s/{theirs}/")  # the test client sends every cookie everywhere
    assert str(foreign.pk) in opened_by(response)[0]


def test_files_are_never_lent_beyond_the_end_of_the_link(client: Client, token: str) -> None:
    ShareLink.objects.update(expires_at=timezone.now() + timedelta(seconds=90))
    response = client.get(f"/s/{token}/")
    assert opened_by(response)[1] <= 90
    assert 1 <= response.cookies["files"]["max-age"] <= 45


def test_renewing_is_refused_as_the_page_is(client: Client, pin_door: Door) -> None:
    assert client.post(f"{pin_door.path}renew/").status_code == 403
    pin_door.attempt(client, PIN)
    response = client.post(f"{pin_door.path}renew/")
    assert (response.status_code, response.content) == (204, b"")
    assert "CloudFront-Policy" in response.cookies
    revoke_share_link(pin_door.link)
    assert client.post(f"{pin_door.path}renew/").status_code == 410


def test_pages_that_show_nothing_lend_nothing(client: Client, gallery: Gallery, token: str) -> None:
    for path in ("/s/nope/", f"/s/{token}/{gallery.pk}/"):
        assert not client.get(path).cookies
    revoke_share_link(ShareLink.objects.get())
    assert not client.get(f"/s/{token}/").cookies


def test_page_renews_itself_and_can_say_that_it_was_closed(client: Client, token: str) -> None:
    html = client.get(f"/s/{token}/").content.decode()
    assert f'data-renew="/s/{token}/renew/"' in html
    assert "<template data-closed>" in html
