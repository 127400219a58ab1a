"""Forgotten passwords, and changing one."""

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from app.accounts.actions import answer_forgotten_password
from app.accounts.models import Membership, Studio, User
from app.notifications.models import OutboxEmail
from tests.app.accounts.mailbox import drain, newest_link

# The worker looks after its own connections and transactions.
pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"new_password1": "brand-new-7319", "new_password2": "brand-new-7319"}


@pytest.fixture
def user() -> User:
    user = User.objects.create_user("ada@example.test", "before-7319")
    Membership.objects.create(studio=Studio.objects.create(slug="one", name="One"), user=user)
    return user


def reset_page(client: Client) -> str:
    client.post("/password/forgotten/", {"email": "ADA@example.test"})
    response = client.get(newest_link())
    assert response.status_code == 302
    return response["Location"]


def test_from_the_mail_to_the_new_password(client: Client, user: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    page = reset_page(client)
    assert b"Choose a new password." in client.get(page).content
    assert client.post(page, NEW)["Location"] == "/password/new/done/"
    assert b"Your new password is set." in client.get("/password/new/done/").content
    assert elsewhere.get("/studio/").status_code == 302
    form = {"username": "ada@example.test", "password": "brand-new-7319"}
    assert client.post("/sign-in/", form)["Location"] == "/studio/"


def test_reset_proves_the_address_too(client: Client, user: User) -> None:
    User.objects.update(is_verified=False)
    client.post(reset_page(client), NEW)
    user.refresh_from_db()
    assert user.is_verified


@pytest.mark.usefixtures("user")
def test_link_works_once(client: Client) -> None:
    client.post("/password/forgotten/", {"email": "ada@example.test"})
    link = newest_link()
    client.post(client.get(link)["Location"], NEW)
    assert b"opens nothing any more" in client.get(link).content


@pytest.mark.usefixtures("user")
def test_link_that_is_too_old_or_altered(client: Client, settings: Settings) -> None:
    client.post("/password/forgotten/", {"email": "ada@example.test"})
    link = newest_link()
    assert b"opens nothing any more" in client.get(link[:-2] + "x/").content
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert b"opens nothing any more" in client.get(link).content


@pytest.mark.parametrize("kind", ["nobody", "closed", "without password"])
def test_address_without_an_account_gets_the_same_answer_and_no_mail(client: Client, kind: str, user: User) -> None:
    if kind == "nobody":
        user.delete()
    else:
        User.objects.update(**({"is_active": False} if kind == "closed" else {"password": "!x"}))
    response = client.post("/password/forgotten/", {"email": "ada@example.test"})
    known = client.post("/password/forgotten/", {"email": "someone@example.test"})
    assert (response.status_code, response["Location"]) == (known.status_code, known["Location"])
    assert response["Location"] == "/password/forgotten/sent/"
    drain()
    assert not mail.outbox


@pytest.mark.usefixtures("user")
def test_request_does_the_same_work_for_every_address(client: Client) -> None:
    shapes = []
    for email in ("ada@example.test", "someone@example.test"):
        with CaptureQueriesContext(connection) as queries:
            client.post("/password/forgotten/", {"email": email})
        shapes.append([query["sql"].split()[0] for query in queries])
    assert shapes[0] == shapes[1]


@pytest.mark.usefixtures("user")
def test_task_that_runs_twice_mails_once() -> None:
    for _ in range(2):
        answer_forgotten_password("ada@example.test", occasion="one task")
    drain()
    assert OutboxEmail.objects.count() == len(mail.outbox) == 1
    answer_forgotten_password("ada@example.test", occasion="another")
    drain()
    assert len(mail.outbox) == 2


def test_change_keeps_this_session_and_ends_the_others(client: Client, user: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    client.force_login(user)
    response = client.post("/password/", NEW | {"old_password": "before-7319"})
    assert response["Location"] == "/password/changed/"
    assert client.get("/password/changed/").status_code == 200
    assert client.get("/studio/").status_code == 200
    assert elsewhere.get("/studio/").status_code == 302


def test_change_needs_the_old_password_and_a_session(client: Client, user: User) -> None:
    assert client.get("/password/")["Location"] == "/sign-in/?next=/password/"
    client.force_login(user)
    assert client.post("/password/", NEW | {"old_password": "wrong"}).status_code == 200
    user.refresh_from_db()
    assert user.check_password("before-7319")


PAGES = ["/sign-in/", "/sign-up/", "/sign-up/sent/", "/confirm/again/", "/confirm/done/", "/password/forgotten/",
         "/password/forgotten/sent/", "/password/new/x/y/", "/password/new/done/",
         "/confirm/01890000-0000-7000-8000-000000000000/x/"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_no_cache_keeps_these_pages(client: Client, page: str) -> None:
    control = client.get(page)["Cache-Control"]
    assert {"private", "no-store"} <= set(control.split(", "))
