"""Coming in, and every way in which one should not."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta

import pytest
from django.core.cache import cache, caches
from django.core.signing import Signer, TimestampSigner, b62_encode
from django.db.models.functions import Now
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.galleries.models import Gallery
from app.sharing import tries
from app.sharing.actions import change_lock, create_share_link, revoke_share_link
from app.sharing.locks import Kind, fingerprint, hashed
from app.sharing.models import ShareLink
from tests.app.conftest import elsewhere as in_thread
from tests.app.conftest import new_photo
from tests.app.sharing.door import PASSWORD, PIN, Door, elsewhere

pytestmark = pytest.mark.django_db

AWAY = "redis://127.0.0.1:9/0"


@pytest.fixture
def no_cache(settings: Settings) -> None:
    changed = deepcopy(settings.CACHES)
    changed["default"]["LOCATION"] = AWAY
    settings.CACHES = changed
    assert caches["default"].get("x") is None


def test_right_pin_opens_every_page_and_stays_open(client: Client, gallery: Gallery, pin_door: Door) -> None:
    photo = new_photo(gallery)
    assert client.get(pin_door.path).status_code == 403
    response = pin_door.attempt(client, " 482 913 ")
    assert (response.status_code, response["Location"]) == (302, pin_door.path)
    for path in (pin_door.path, f"{pin_door.path}{photo.pk}/"):
        assert client.get(path).status_code == 200
    assert pin_door.row().wrong_tries == 0
    assert Client().get(pin_door.path).status_code == 403


def test_right_password_opens(client: Client, password_door: Door) -> None:
    assert b"Your password, please." in client.get(password_door.path).content
    assert password_door.attempt(client, PASSWORD).status_code == 302
    assert client.get(password_door.path).status_code == 200


def test_door_says_whose_it_is_and_nothing_else(client: Client, gallery: Gallery, pin_door: Door) -> None:
    Gallery.objects.update(title="Secret Wedding")
    photo = new_photo(gallery, filename="bride.jpg")
    wrong = pin_door.attempt(client, "1111")
    for response in (client.get(pin_door.path), client.get(f"{pin_door.path}{photo.pk}/"), wrong):
        html = response.content.decode()
        assert "Our Studio" in html
        for hidden in ("Secret Wedding", "bride.jpg", "/media/", str(photo.pk), "Them"):
            assert hidden not in html
        assert not any(name.startswith("CloudFront") for name in response.cookies)
    unknown_photo = client.get(f"{pin_door.path}{gallery.pk}/")
    assert unknown_photo.status_code == 403  # locked doors do not tell which photos there are


def test_wrong_pin_says_how_many_tries_are_left_and_then_closes(client: Client, pin_door: Door) -> None:
    said = [pin_door.attempt(client, f"111{n}") for n in range(tries.VIEWER_TRIES + 1)]
    left = [re.findall(r"(\d) more tr", response.content.decode()) for response in said]
    assert left == [["4"], ["3"], ["2"], ["1"], [], []]
    assert [response.status_code for response in said] == [422] * 4 + [429] * 2
    assert b"Come back in 15 minutes" in said[-1].content
    assert 0 < int(said[-1]["Retry-After"]) <= 901
    assert pin_door.attempt(client, PIN).status_code == 429
    assert pin_door.row().wrong_tries == tries.VIEWER_TRIES  # the others were not looked at
    assert pin_door.attempt(client, PIN, viewer=elsewhere()).status_code == 302


def test_who_has_been_let_in_is_not_locked_out_by_others(client: Client, pin_door: Door) -> None:
    pin_door.attempt(client, PIN)
    ShareLink.objects.update(wrong_tries=tries.MOST)
    assert client.get(pin_door.path).status_code == 200
    assert Client().get(pin_door.path).status_code == 429


def test_link_rests_after_ten_wrong_tries_from_anywhere(client: Client, pin_door: Door) -> None:
    codes = [pin_door.attempt(client, "1111", viewer=elsewhere()).status_code for _ in range(tries.BLOCK + 5)]
    assert codes == [422] * (tries.BLOCK - 1) + [429] * 6
    assert pin_door.row().wrong_tries == tries.BLOCK
    cache.delete_pattern("*")  # type: ignore[attr-defined]  # django-redis; clear() would empty every process's
    assert pin_door.attempt(client, PIN).status_code == 429
    assert client.get(pin_door.path).status_code == 429
    ShareLink.objects.update(rests_until=Now())
    assert pin_door.attempt(client, PIN).status_code == 302


def test_rests_grow_to_a_day(client: Client, pin_door: Door) -> None:
    rests = []
    for wrong in range(tries.BLOCK, tries.MOST, tries.BLOCK):
        ShareLink.objects.update(wrong_tries=wrong - 1, rests_until=None)
        pin_door.attempt(client, "1111", viewer=elsewhere())
        until = pin_door.row().rests_until
        assert until is not None
        rests.append(round((until - timezone.now()) / timedelta(minutes=1)))
    assert rests == [15, 60, 360, *[1440] * 6]


def test_a_hundred_wrong_tries_are_all_there_are(client: Client, pin_door: Door) -> None:
    ShareLink.objects.update(wrong_tries=tries.MOST - 1, rests_until=timezone.now() - timedelta(days=9))
    assert pin_door.attempt(client, "1111").status_code == 429
    ShareLink.objects.update(rests_until=timezone.now() - timedelta(days=9))
    response = pin_door.attempt(client, PIN, viewer=elsewhere())
    assert response.status_code == 429
    assert b"Ask Our Studio to let you in." in response.content
    assert "Retry-After" not in response
    tries.forgive(pin_door.link)
    assert pin_door.attempt(client, PIN, viewer=elsewhere()).status_code == 302


def test_right_pin_takes_back_own_errors_and_no_others(client: Client, pin_door: Door) -> None:
    mine, other = elsewhere(), elsewhere()
    for _ in range(3):
        pin_door.attempt(client, "1111", viewer=mine)
    pin_door.attempt(client, "1111", viewer=other)
    assert pin_door.row().wrong_tries == 4
    assert pin_door.attempt(client, PIN, viewer=mine).status_code == 302
    assert pin_door.row().wrong_tries == 1


def test_guests_behind_one_address_do_not_lock_each_other_out(pin_door: Door) -> None:
    for _ in range(tries.VIEWER_TRIES_ANYWHERE + 5):
        guest = Client()
        assert pin_door.attempt(guest, "1111").status_code == 422
        assert pin_door.attempt(guest, PIN).status_code == 302


def test_one_viewer_has_twenty_tries_at_all_links_together(client: Client, gallery: Gallery) -> None:
    codes = []
    for n in range(5):
        link, token = create_share_link(gallery, label=str(n), lock=hashed(Kind.PIN, PIN))
        door = Door(link=link, token=token)
        codes += [door.attempt(client, "1111").status_code for _ in range(tries.VIEWER_TRIES - 1)]
    assert codes == [422] * 19 + [429]
    link, token = create_share_link(gallery, label="next", lock=hashed(Kind.PIN, PIN))
    assert Door(link=link, token=token).attempt(client, PIN).status_code == 429
    assert Door(link=link, token=token).row().wrong_tries == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("one_viewer", [True, False])
def test_fifty_guesses_at_once_are_no_more_than_the_limit(pin_door: Door, one_viewer: bool) -> None:
    together = threading.Barrier(10)

    def guess(number: int) -> int:
        viewer = "198.51.100.9" if one_viewer else elsewhere()
        if number < 10:
            together.wait(timeout=10)
        return in_thread(lambda: pin_door.attempt(Client(), f"11{number:02}", viewer=viewer)).status_code

    with ThreadPoolExecutor(max_workers=10) as pool:
        codes = list(pool.map(guess, range(50)))
    admitted = tries.VIEWER_TRIES if one_viewer else tries.BLOCK
    assert pin_door.row().wrong_tries == admitted
    assert codes.count(422) == admitted - 1
    assert codes.count(429) == 50 - admitted + 1


@pytest.mark.usefixtures("no_cache")
def test_without_the_cache_pins_stay_closed_and_say_why(client: Client, pin_door: Door) -> None:
    response = pin_door.attempt(client, PIN)
    assert response.status_code == 429
    assert b"We cannot check PINs just now." in response.content
    assert pin_door.row().wrong_tries == 0


@pytest.mark.usefixtures("no_cache")
def test_without_the_cache_passwords_are_held_by_the_row_alone(client: Client, password_door: Door) -> None:
    codes = [password_door.attempt(client, "wrong").status_code for _ in range(tries.BLOCK + 1)]
    assert codes == [422] * (tries.BLOCK - 1) + [429] * 2
    tries.forgive(password_door.link)
    assert password_door.attempt(client, PASSWORD).status_code == 302


def test_cookie_is_for_one_link_only_and_out_of_reach_of_scripts(client: Client, pin_door: Door) -> None:
    cookie = pin_door.attempt(client, PIN).cookies["unlocked"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (pin_door.path, True, "Lax")
    assert cookie["max-age"] == 7 * 24 * 3600
    assert PIN not in cookie.value
    assert pin_door.token not in cookie.value


def carrying(cookie: str) -> Client:
    client = Client()
    client.cookies["unlocked"] = cookie
    return client


def test_forged_and_borrowed_cookies_open_nothing(client: Client, gallery: Gallery, pin_door: Door) -> None:
    cookie = pin_door.attempt(client, PIN).cookies["unlocked"].value
    link, token = create_share_link(gallery, label="B", lock=hashed(Kind.PIN, PIN))
    value, stamp, signature = cookie.split(":")
    own_salt = TimestampSigner(salt="app.sharing.unlocked").sign(str(pin_door.link.pk))
    for forged in ("", "1", f"{link.pk}:{stamp}:{signature}", f"{value}:zzzzzz:{signature}", cookie[:-1], own_salt):
        assert carrying(forged).get(pin_door.path).status_code == 403
    assert carrying(cookie).get(f"/s/{token}/").status_code == 403
    assert carrying(cookie).get(pin_door.path).status_code == 200


def test_cookie_ends_after_a_week(pin_door: Door) -> None:
    # What a TimestampSigner of that moment would have written.
    signer = Signer(salt=f"app.sharing.unlocked:{pin_door.link.pk}:{fingerprint(pin_door.link.lock)}")
    for age, status in ((7 * 86_400 - 60, 200), (7 * 86_400 + 60, 403)):
        stamped = f"{pin_door.link.pk}:{b62_encode(int(time.time()) - age)}"
        assert carrying(signer.sign(stamped)).get(pin_door.path).status_code == status


def test_another_lock_asks_everyone_again(client: Client, pin_door: Door) -> None:
    pin_door.attempt(client, PIN)
    change_lock(pin_door.link, lock=hashed(Kind.PIN, PIN))  # even the same PIN
    assert client.get(pin_door.path).status_code == 403
    change_lock(pin_door.link, lock="")
    assert client.get(pin_door.path).status_code == 200
    assert pin_door.attempt(client, "anything").status_code == 302


def test_visitors_stay_inside_while_the_secret_key_is_rotated(
    client: Client, pin_door: Door, settings: Settings
) -> None:
    pin_door.attempt(client, PIN)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert client.get(pin_door.path).status_code == 200
    newcomer = Client()
    assert pin_door.attempt(newcomer, PIN).status_code == 302  # keeps the PIN under the new key
    assert client.get(pin_door.path).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(pin_door.path).status_code == 403
    assert newcomer.get(pin_door.path).status_code == 200
    assert pin_door.attempt(Client(), PIN).status_code == 302


def test_closed_links_are_closed_at_once_everywhere(client: Client, pin_door: Door) -> None:
    pin_door.attempt(client, PIN)
    revoke_share_link(pin_door.link)
    assert client.get(pin_door.path).status_code == 410
    for where in ("unlock/", "renew/"):
        response = client.post(pin_door.path + where, {"secret": PIN})
        assert response.status_code == 410
        assert not response.cookies
    assert pin_door.row().wrong_tries == 0


def test_drafts_and_unknown_links_have_no_door(client: Client, pin_door: Door) -> None:
    Gallery.objects.update(status="draft")
    for token in (pin_door.token, "nope", "%00"):
        for where in ("unlock/", "renew/"):
            assert client.post(f"/s/{token}/{where}", {"secret": PIN}).status_code == 404


def test_guessing_tokens_ends(client: Client, pin_door: Door) -> None:
    codes = [client.get(f"/s/{n:032}/").status_code for n in range(35)]
    assert codes == [404] * 30 + [429] * 5
    assert client.get("/s/nope/")["Retry-After"] == "60"
    assert client.get(pin_door.path).status_code == 403  # a real link still answers
    assert client.get("/s/nope/", REMOTE_ADDR=elsewhere()).status_code == 404


@pytest.mark.usefixtures("no_cache")
def test_without_the_cache_unknown_links_are_just_unknown(client: Client) -> None:
    assert {client.get("/s/nope/").status_code for _ in range(35)} == {404}


HOSTILE = [
    "\0",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "\u202e319284",
    "٤٨٢٩١٣",
    "9" * 10_000,
    "🔑" * 500,
    "482913\r\nX: y",
]


@pytest.mark.parametrize("secret", HOSTILE)
def test_hostile_input_is_just_wrong(client: Client, pin_door: Door, secret: str) -> None:
    response = pin_door.attempt(client, secret)
    assert response.status_code == 422
    assert b"<script>alert" not in response.content
    assert "X" not in response.headers


@pytest.mark.parametrize("body", [b"", b"secret=", b"other=1", b"secret=%20%20"])
def test_empty_answer_costs_no_try(client: Client, pin_door: Door, body: bytes) -> None:
    kind = "application/x-www-form-urlencoded"
    response = client.generic("POST", f"{pin_door.path}unlock/", body, content_type=kind)
    assert response.status_code == 403
    assert pin_door.row().wrong_tries == 0


def test_unlocking_needs_the_token_of_the_form(pin_door: Door) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert pin_door.attempt(strict, PIN).status_code == 403
    page = strict.get(pin_door.path)
    field = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.content)
    assert field
    form = {"secret": PIN, "csrfmiddlewaretoken": field[1].decode()}
    headers = {"Origin": "http://testserver"}
    assert strict.post(f"{pin_door.path}unlock/", form, headers=headers).status_code == 302
    assert strict.post(f"{pin_door.path}renew/").status_code == 204  # grants nothing that a page would not


def test_looking_writes_nothing(
    client: Client, pin_door: Door, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = ShareLink.objects.values().get()
    for where, queries in (("", 1), ("unlock/", 1), ("renew/", 0)):
        for method in (client.get, client.head):
            with django_assert_num_queries(queries):
                method(pin_door.path + where, {"secret": PIN})
    assert client.get(f"{pin_door.path}unlock/")["Location"] == pin_door.path  # reloaded after a wrong PIN
    assert client.get(f"{pin_door.path}renew/").status_code == 405
    assert ShareLink.objects.values().get() == before


def test_unlocking_asks_a_fixed_number_of_questions(
    client: Client, pin_door: Door, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):  # link; savepoint, row, count, release
        pin_door.attempt(client, "1111")
    with django_assert_num_queries(6):  # and the tries taken back
        pin_door.attempt(client, PIN)


def test_no_answer_is_kept_referred_or_indexed(client: Client, gallery: Gallery, pin_door: Door) -> None:
    def private(response: HttpResponseBase, *, referrer: str = "no-referrer") -> None:
        assert set(response["Cache-Control"].split(", ")) == {"private", "no-store"}
        assert response["Referrer-Policy"] == referrer
        assert response["X-Robots-Tag"] == "noindex, nofollow"

    unlock, renew = f"{pin_door.path}unlock/", f"{pin_door.path}renew/"
    # A form needs an origin, which a browser sends under this policy; the address stays out of it.
    private(client.get(pin_door.path), referrer="strict-origin")
    private(pin_door.attempt(client, "1111"), referrer="strict-origin")
    private(client.get(unlock))
    private(client.get(renew))
    private(client.delete(unlock))
    private(client.post(renew), referrer="strict-origin")
    private(pin_door.attempt(client, PIN))
    private(client.post(renew))
    private(client.get("/s/nope/"))
    ShareLink.objects.update(wrong_tries=tries.MOST)
    private(Client().get(pin_door.path))
    revoke_share_link(pin_door.link)
    private(client.get(pin_door.path))
    private(client.post(unlock))
