import pytest
from django.test import Client

from app.accounts.models import Membership, Studio, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    user = User.objects.create_user("ada@example.test", "right")
    Membership.objects.create(studio=Studio.objects.create(slug="one", name="Studio One"), user=user)
    return user


@pytest.mark.usefixtures("user")
def test_signing_in_leads_to_the_studio(client: Client) -> None:
    response = client.post("/sign-in/", {"username": "Ada@Example.test", "password": "right"}, follow=True)
    assert response.redirect_chain == [("/studio/", 302)]
    assert b"Studio One" in response.content


@pytest.mark.usefixtures("user")
def test_wrong_password_says_so_and_nothing_more(client: Client) -> None:
    wrong = client.post("/sign-in/", {"username": "ada@example.test", "password": "wrong"})
    unknown = client.post("/sign-in/", {"username": "eve@example.test", "password": "wrong"})
    for response in (wrong, unknown):
        assert response.status_code == 200
        assert b"This e-mail and password do not match." in response.content


@pytest.mark.usefixtures("user")
def test_next_page_is_kept_unless_it_leads_away(client: Client) -> None:
    form = {"username": "ada@example.test", "password": "right"}
    assert client.post("/sign-in/", form | {"next": "/studio/?a=1"})["Location"] == "/studio/?a=1"
    client.logout()
    assert client.post("/sign-in/", form | {"next": "https://evil.test/"})["Location"] == "/studio/"


def test_member_skips_the_sign_in_page(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/sign-in/")["Location"] == "/studio/"


def test_signing_out_ends_the_session_by_post_only(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/"
    assert client.get("/studio/")["Location"] == "/sign-in/?next=/studio/"
