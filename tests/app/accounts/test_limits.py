from copy import deepcopy

import pytest
from django.core import mail
from django.core.cache import caches
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from app.accounts import limits
from app.accounts.models import User
from serverless.tasks.models import TaskRow
from tests.app.accounts.mailbox import drain

pytestmark = pytest.mark.django_db

SIGN_UP = {"studio_name": "Ada", "password": "long-enough-7319"}
AWAY = "redis://127.0.0.1:9/0"


@pytest.fixture
def no_cache(settings: Settings) -> None:
    changed = deepcopy(settings.CACHES)
    changed["default"]["LOCATION"] = AWAY
    settings.CACHES = changed
    assert caches["default"].get("x") is None


def attempt(client: Client, email: str, *, viewer: str = "198.51.100.1", password: str = "wrong") -> int:  # noqa: S107
    form = {"username": email, "password": password}
    return client.post("/sign-in/", form, REMOTE_ADDR=viewer).status_code


def test_guessing_one_password_ends_even_for_the_right_one_and_from_elsewhere(client: Client) -> None:
    User.objects.create_user("ada@example.test", "right")
    answers = [attempt(client, "ada@example.test", viewer=f"198.51.100.{n}") for n in range(limits.SIGN_IN.per_email)]
    assert set(answers) == {200}
    assert attempt(client, "ADA@example.test", password="right") == 429
    assert attempt(client, "eve@example.test") == 200


def test_unknown_address_is_counted_like_a_known_one(client: Client) -> None:
    answers = [attempt(client, "nobody@example.test") for _ in range(limits.SIGN_IN.per_email + 1)]
    assert answers[-2:] == [200, 429]


def test_one_viewer_may_not_try_every_address(client: Client) -> None:
    tries = limits.SIGN_IN.per_viewer
    assert {attempt(client, f"{n}@example.test") for n in range(tries)} == {200}
    assert attempt(client, "next@example.test") == 429
    assert attempt(client, "next@example.test", viewer="198.51.100.2") == 200


def test_right_password_does_not_count(client: Client) -> None:
    User.objects.create_user("ada@example.test", "right")
    for _ in range(limits.SIGN_IN.per_email + 2):
        assert attempt(client, "ada@example.test", password="right") == 302
        client.logout()


def test_refusal_says_when_to_come_back(client: Client) -> None:
    for _ in range(limits.SIGN_IN.per_email):
        attempt(client, "ada@example.test")
    response = client.post("/sign-in/", {"username": "ada@example.test", "password": "x"}, REMOTE_ADDR="198.51.100.1")
    assert response["Retry-After"] == "900"
    assert b"Wait 15 minutes" in response.content
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("page", "form"), [("/sign-up/", SIGN_UP), ("/confirm/again/", {}), ("/password/forgotten/", {})]
)
def test_mail_to_one_address_ends(client: Client, page: str, form: dict[str, str]) -> None:
    User.objects.create_user("ada@example.test", "right", is_verified=False)
    for n in range(limits.MAIL.per_email):
        response = client.post(page, form | {"email": "ada@example.test"}, REMOTE_ADDR=f"198.51.100.{n}")
        assert response.status_code == 302
        drain()
    queued = TaskRow.objects.count()
    assert client.post(page, form | {"email": "ada@example.test"}).status_code == 429
    assert TaskRow.objects.count() == queued
    assert len(mail.outbox) == limits.MAIL.per_email


def test_mail_counts_over_all_its_pages(client: Client) -> None:
    for _ in range(limits.MAIL.per_email):
        client.post("/confirm/again/", {"email": "ada@example.test"})
    assert client.post("/password/forgotten/", {"email": "ada@example.test"}).status_code == 429
    assert client.post("/sign-up/", SIGN_UP | {"email": "ada@example.test"}).status_code == 429


def test_mistyped_sign_up_does_not_count(client: Client) -> None:
    for _ in range(limits.MAIL.per_email + 1):
        assert client.post("/sign-up/", {"email": "ada@example.test"}).status_code == 200
    assert client.post("/sign-up/", SIGN_UP | {"email": "ada@example.test"}).status_code == 302


@pytest.mark.usefixtures("no_cache")
def test_without_the_cache_one_can_sign_in(client: Client) -> None:
    User.objects.create_user("ada@example.test", "right")
    assert attempt(client, "ada@example.test", password="right") == 302


@pytest.mark.usefixtures("no_cache")
@pytest.mark.parametrize("page", ["/sign-up/", "/confirm/again/", "/password/forgotten/"])
def test_without_the_cache_nothing_is_mailed(client: Client, page: str) -> None:
    assert client.post(page, SIGN_UP | {"email": "ada@example.test"}).status_code == 429
    assert not TaskRow.objects.exists()


def test_household_in_ipv6_is_one_viewer(rf: RequestFactory) -> None:
    limit = limits.Limit(name="test", per_email=9, per_viewer=1, seconds=60, open_without_cache=False)
    first, same, other = (rf.get("/", REMOTE_ADDR=a) for a in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"))
    assert limits.take(limit, first, email="a@example.test")
    assert not limits.take(limit, same, email="b@example.test")
    assert limits.take(limit, other, email="c@example.test")


def test_keys_hold_no_addresses(rf: RequestFactory) -> None:
    limits.take(limits.MAIL, rf.get("/", REMOTE_ADDR="198.51.100.1"), email="ada@example.test")
    keys = caches["default"].keys("limit:*")  # type: ignore[attr-defined]  # django-redis
    assert len(keys) == 2
    assert "ada" not in str(keys)
    assert "198.51" not in str(keys)


def test_admin_is_entered_by_the_same_door(client: Client) -> None:
    User.objects.create_superuser("root@example.test", "right")
    form = {"username": "root@example.test", "password": "right"}
    assert client.post("/admin/login/", form).status_code == 405
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/sign-in/?next=/admin/", 302)
    assert client.post("/sign-in/", form | {"next": "/admin/"})["Location"] == "/admin/"
    assert client.get("/admin/login/")["Location"] == "/admin/"
    client.logout()
    client.force_login(User.objects.create_user("ada@example.test"))
    refused = client.get("/admin/", follow=True)
    assert refused.status_code == 403
    assert b"for the people who run Loupe" in refused.content
