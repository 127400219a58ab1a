"""The page behind an invitation."""

import pytest
from django.test import Client

from app.accounts.models import Invitation, Membership, Studio, User
from app.accounts.team import invite
from tests.app.accounts.mailbox import newest_link

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"name": " Grace\r\nHopper ", "password": "long-enough-7319"}


@pytest.fixture
def link(studio: Studio, member: User) -> str:
    """The path that was mailed to Grace."""
    invite(Membership.objects.get(user=member), email="grace@example.test", role="member")
    return newest_link()


def test_somebody_new_chooses_a_password_and_is_in(client: Client, link: str) -> None:
    page = client.get(link)
    assert b"Join Our Studio." in page.content
    assert page["Cache-Control"] == "private, no-store"
    assert Invitation.objects.exists()  # a scanner that opens links accepts nothing
    assert client.post(link, FORM)["Location"] == "/studio/"
    assert b"Galleries" in client.get("/studio/").content
    grace = User.objects.get(email="grace@example.test")
    assert (grace.name, grace.memberships.get().role) == ("Grace Hopper", "member")
    assert Client().get(link).status_code == Client().post(link, FORM).status_code == 410


@pytest.mark.parametrize(
    "form",
    [{"name": ""}, {"password": "short"}, {"password": "grace@example.test"}, {"name": "x" * 121}, {"name": "\0"}],
)
def test_bad_input_joins_nobody(client: Client, link: str, form: dict[str, str]) -> None:
    page = client.post(link, FORM | form)
    assert page.status_code == 200
    assert b'class="errorlist"' in page.content
    assert not User.objects.filter(email="grace@example.test").exists()
    assert Invitation.objects.exists()


def test_user_of_another_studio_signs_in_joins_and_works_in_both(client: Client, link: str) -> None:
    grace = User.objects.create_user("grace@example.test", "right")
    own = Studio.objects.create(slug="own", name="Own")
    Membership.objects.create(studio=own, user=grace)
    page = client.get(link).content.decode()
    assert f"/sign-in/?next={link}" in page
    assert client.post(link, FORM).status_code == 200  # not without the password
    response = client.post(f"/sign-in/?next={link}", {"username": "grace@example.test", "password": "right"})
    assert response["Location"] == link
    assert client.post(link)["Location"] == "/studio/"
    assert '<p class="eyebrow">Our Studio</p>' in client.get("/studio/").content.decode()
    assert client.post(f"/studio/{own.pk}/open/")["Location"] == "/studio/"
    assert '<p class="eyebrow">Own</p>' in client.get("/studio/").content.decode()


def test_invitation_of_somebody_else_cannot_be_taken(studio_client: Client, link: str) -> None:
    assert "signed in as <b>ada@example.test</b>" in studio_client.get(link).content.decode()
    assert studio_client.post(link, FORM).status_code == 200
    assert Invitation.objects.exists()
    assert not User.objects.filter(email="grace@example.test").exists()


def test_unknown_invitation_is_a_friendly_page(client: Client) -> None:
    for token in ("x", "%00", "a" * 2000):
        response = client.get(f"/invitations/{token}/")
        assert response.status_code == 410
        assert b"opens nothing any more" in response.content


def test_joining_needs_the_csrf_token(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link, FORM).status_code == 403
