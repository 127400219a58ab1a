"""Signing up, proving the address, signing in."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings

from app.accounts.actions import sign_up
from app.accounts.links import confirmation_link, confirmation_tokens
from app.accounts.models import Membership, Studio, User
from serverless.tasks.models import TaskRow
from tests.app.accounts.mailbox import drain, newest_link

# The worker looks after its own connections and transactions.
pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"studio_name": "Ada & <b>Co</b>", "email": "Ada@Example.test", "password": "long-enough-7319"}
SIGN_IN = {"username": "ada@example.test", "password": "long-enough-7319"}


def signed_up(client: Client, **changes: str) -> User:
    assert client.post("/sign-up/", FORM | changes)["Location"] == "/sign-up/sent/"
    return User.objects.get(email=(FORM | changes)["email"].lower())


def test_from_the_form_to_the_studio(client: Client) -> None:
    user = signed_up(client)
    assert not user.is_verified
    link = newest_link()
    assert mail.outbox[-1].to == ["ada@example.test"]
    assert b"This is your address?" in client.get(link).content
    user.refresh_from_db()
    assert not user.is_verified  # a scanner that opens links proves nothing
    assert client.post(link)["Location"] == "/confirm/done/"
    assert b"The studio is yours." in client.get("/confirm/done/").content
    assert client.post("/sign-in/", SIGN_IN)["Location"] == "/studio/"
    assert b"Ada &amp; &lt;b&gt;Co&lt;/b&gt;" in client.get("/studio/").content
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.studio.slug) == ("owner", "ada-bcob")


def test_sign_in_waits_for_the_proof_and_tells_only_who_knows_the_password(client: Client) -> None:
    signed_up(client)
    wrong = client.post("/sign-in/", SIGN_IN | {"password": "wrong"})
    assert b"do not match" in wrong.content
    assert b"One step is left" not in wrong.content
    right = client.post("/sign-in/", SIGN_IN)
    assert b"One step is left" in right.content
    assert "_auth_user_id" not in client.session
    assert b'name="email" value="ada@example.test"' in right.content
    assert client.post("/confirm/again/", {"email": "ada@example.test"})["Location"] == "/sign-up/sent/"
    client.post(newest_link())
    assert client.post("/sign-in/", SIGN_IN)["Location"] == "/studio/"


def test_mail_repeats_nothing_that_was_typed(client: Client) -> None:
    signed_up(client, studio_name="You have won https://evil.test")
    drain()
    (sent,) = mail.outbox
    assert "evil.test" not in str(sent.message())


@pytest.mark.parametrize("state", ["verified", "unverified", "closed"])
def test_known_address_gets_the_same_answer_and_keeps_what_it_has(client: Client, state: str) -> None:
    known = User.objects.create_user("ada@example.test", "before-7319", is_verified=state != "unverified")
    known.is_active = state != "closed"
    known.save()
    answers = []
    for email in ("new@example.test", "ada@example.test"):
        response = client.post("/sign-up/", FORM | {"email": email}, follow=True)
        answers.append((response.redirect_chain, response.status_code, response.content, response["Cache-Control"]))
    assert answers[0] == answers[1]
    known.refresh_from_db()
    assert known.check_password("before-7319")
    assert not Membership.objects.filter(user=known).exists()
    assert not (client.login(username="ada@example.test", password=FORM["password"]))


def test_owner_of_a_known_address_is_told_by_mail(client: Client) -> None:
    User.objects.create_user("ada@example.test", "before-7319")
    client.post("/sign-up/", FORM)
    assert newest_link() == "/sign-in/"
    assert mail.outbox[-1].subject == "You have a studio already"


def test_known_and_unknown_addresses_cost_about_the_same(client: Client, settings: Settings) -> None:
    """The hash dominates and is made both ways; what is left is a few inserts of a fresh studio."""
    settings.PASSWORD_HASHERS = ["tests.app.accounts.test_sign_up.CountingHasher"]
    hashes = []
    for _ in range(2):
        CountingHasher.made = 0
        client.post("/sign-up/", FORM)
        hashes.append(CountingHasher.made)
    assert hashes == [1, 1]
    assert TaskRow.objects.count() == 2


class CountingHasher(MD5PasswordHasher):
    """Cheap, and counts."""

    made = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.made += 1
        return super().encode(password, salt)


def test_two_studios_of_one_name_and_one_without_letters(client: Client) -> None:
    for n, name in enumerate(("Ada", "Ada", "🦊")):
        signed_up(client, email=f"{n}@example.test", studio_name=name)
    first, second, third = Studio.objects.order_by("created_at").values_list("slug", flat=True)
    assert (first, third) == ("ada", "studio")
    assert second.startswith("ada-")


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "short"), ("password", "12345678901"), ("password", "password1"), ("password", "ada@example.test"),
     ("email", "ada"), ("email", "ada@example.test\nBcc: eve@example.test"), ("email", ""), ("studio_name", " "),
     ("studio_name", "x" * 121), ("studio_name", "a\x00b")],
)  # fmt: skip
def test_bad_input_makes_nothing(client: Client, field: str, value: str) -> None:
    response = client.post("/sign-up/", FORM | {field: value})
    assert response.status_code == 200
    assert b'class="errorlist"' in response.content
    assert FORM["password"] not in response.content.decode()
    assert not User.objects.exists()
    assert not TaskRow.objects.exists()


def test_name_is_one_line(client: Client) -> None:
    signed_up(client, studio_name=" Ada\r\n  Studio ")
    assert Studio.objects.get().name == "Ada Studio"


def test_link_works_once(client: Client) -> None:
    signed_up(client)
    link = newest_link()
    client.post(link)
    for response in (client.get(link), client.post(link)):
        assert response.status_code == 410
        assert b"opens nothing any more" in response.content


def test_link_that_is_too_old(client: Client, settings: Settings) -> None:
    user = signed_up(client)
    link = newest_link()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert client.post(link).status_code == 410
    user.refresh_from_db()
    assert not user.is_verified


def test_link_is_signed_with_its_time(client: Client) -> None:
    class Yesterday(type(confirmation_tokens)):  # type: ignore[misc]  # a class made at run time
        def _now(self) -> datetime:
            return datetime.now() - timedelta(days=1, seconds=5)  # noqa: DTZ005  # Django's own clock here

    user = signed_up(client)
    token = Yesterday().make_token(user)
    assert client.post(f"/confirm/{user.pk}/{token}/").status_code == 410
    fresh = token.replace(token.split("-")[0], confirmation_tokens.make_token(user).split("-")[0])
    assert client.post(f"/confirm/{user.pk}/{fresh}/").status_code == 410


def test_link_is_for_one_user_and_unaltered(client: Client) -> None:
    ada, eve = signed_up(client), signed_up(client, email="eve@example.test")
    token = confirmation_tokens.make_token(ada)
    for pk, tried in [(eve.pk, token), (ada.pk, token[:-1] + "x"), (ada.pk, "x"), (Studio().pk, token)]:
        assert client.post(f"/confirm/{pk}/{tried}/").status_code == 410
    assert not User.objects.filter(is_verified=True).exists()


def test_new_password_ends_the_links_before_it(client: Client) -> None:
    user = signed_up(client)
    link = confirmation_link(user).removeprefix("http://testserver")
    user.set_password("another-7319")
    user.save()
    assert client.post(link).status_code == 410


def test_confirming_by_post_needs_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-up/", FORM).status_code == 403
    user = User.objects.create_user("ada@example.test", is_verified=False)
    assert client.post(confirmation_link(user)).status_code == 403
    user.refresh_from_db()
    assert not user.is_verified


def test_rollback_leaves_no_user_and_no_mail() -> None:
    with transaction.atomic():
        sign_up("ada@example.test", password="long-enough-7319", studio_name="Ada")
        assert TaskRow.objects.count() == 1
        transaction.set_rollback(True)
    assert not User.objects.exists()
    assert not TaskRow.objects.exists()


@pytest.mark.parametrize("kind", ["nobody", "verified", "closed"])
def test_asking_again_for_a_confirmation_tells_nothing(client: Client, kind: str) -> None:
    if kind != "nobody":
        User.objects.create_user("ada@example.test", is_active=kind != "closed", is_verified=kind != "closed")
    assert client.post("/confirm/again/", {"email": "ada@example.test"})["Location"] == "/sign-up/sent/"
    drain()
    assert not mail.outbox


def test_member_skips_signing_up(client: Client) -> None:
    client.force_login(User.objects.create_user("ada@example.test"))
    assert client.get("/sign-up/")["Location"] == "/studio/"
