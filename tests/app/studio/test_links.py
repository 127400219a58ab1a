import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.models import Gallery
from app.notifications.actions import deliver
from app.notifications.models import OutboxEmail
from app.sharing import tries
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.locks import Kind, hashed, is_right
from app.sharing.models import ShareLink
from app.sharing.tasks import record_opens
from tests.app.sharing.door import open_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Every test client has the same address; what earlier tests tried must not count."""
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis


def make(client: Client, gallery: Gallery, **form: str) -> str:
    response = client.post(f"/studio/galleries/{gallery.pk}/links/", {"label": "Them"} | form)
    assert response.status_code == 201
    return response.content.decode()


def test_made_pin_is_shown_once_and_opens(studio_client: Client, gallery: Gallery) -> None:
    page = make(studio_client, gallery, lock="pin", secret="")
    pin = re.search(r"<b>([0-9]{6})</b>", page)
    address = re.search(r'data-copy="http://testserver([^"]+)"', page)
    assert pin
    assert address
    visitor = Client()
    assert visitor.post(f"{address[1]}unlock/", {"secret": pin[1]})["Location"] == address[1]
    assert visitor.get(address[1]).status_code == 200
    later = studio_client.get(f"/studio/galleries/{gallery.pk}/links/").content.decode()
    assert pin[1] not in later
    assert '<span class="badge">PIN</span>' in later
    assert "made on " in later


def test_new_link_has_its_code_in_the_page_and_for_print(studio_client: Client, gallery: Gallery) -> None:
    page = make(studio_client, gallery)
    assert '<svg viewBox="0 0 ' in page
    assert re.search(r'download="ada-charles-qr.svg" href="data:image/svg\+xml', page)
    assert re.search(r'download="ada-charles-qr.png" href="data:image/png;base64,', page)
    assert " style=" not in page
    assert "qr__code" not in studio_client.get(f"/studio/galleries/{gallery.pk}/links/").content.decode()


def test_refused_form_keeps_what_was_typed_and_makes_nothing(studio_client: Client, gallery: Gallery) -> None:
    form = {"label": "The <couple>", "lock": "password", "secret": "short", "message": "</textarea><script>x</script>"}
    response = studio_client.post(f"/studio/galleries/{gallery.pk}/links/", form)
    html = response.content.decode()
    assert response.status_code == 422
    assert "8 characters or more" in html
    assert "The &lt;couple&gt;" in html
    assert "<script>x" not in html
    assert not ShareLink.objects.exists()


def test_mail_says_how_to_get_in_and_never_the_pin(studio_client: Client, gallery: Gallery) -> None:
    words = "Dear <b>Ada</b>,\nit was a joy."
    make(studio_client, gallery, lock="pin", secret="482913", send_to="client@example.test", message=words)
    email = OutboxEmail.objects.get()
    for text in (email.subject, email.text, email.html):
        assert "482913" not in text
    assert "You will be asked for a PIN." in email.text
    assert "You will be asked for a PIN." in email.html
    assert words in email.text
    assert "Dear &lt;b&gt;Ada&lt;/b&gt;,<br>it was a joy." in email.html
    assert "Whoever has the link can look" not in email.text
    deliver(str(email.pk))
    assert "482913" not in str(mail.outbox[0].message())


def test_mail_of_a_password_link(studio_client: Client, gallery: Gallery) -> None:
    make(studio_client, gallery, lock="password", secret="seven swans", send_to="client@example.test")
    email = OutboxEmail.objects.get()
    assert "You will be asked for a password." in email.text
    assert "seven swans" not in email.text + email.html


def test_page_tells_of_wrong_tries_and_forgives_them(studio_client: Client, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them", lock=hashed(Kind.PIN, "482913"))
    path = f"/studio/galleries/{gallery.pk}/links/"
    assert "Let them try again" not in studio_client.get(path).content.decode()
    for wrong, rests, said in (
        (1, None, ">1 wrong try<"),
        (12, timedelta(minutes=14, seconds=50), "Locked: 12 wrong tries, for 14\u00a0minutes more"),
        (tries.MOST, None, "Locked: 100 wrong tries, until you change its lock or let them try again"),
    ):
        until = timezone.now() + rests if rests else None
        ShareLink.objects.update(wrong_tries=wrong, rests_until=until)
        assert said in studio_client.get(path).content.decode()
    assert studio_client.post(f"/studio/links/{link.pk}/forgive/")["Location"] == path
    row = ShareLink.objects.get()
    assert (row.wrong_tries, row.rests_until) == (0, None)


def test_lock_is_changed_and_taken_off(studio_client: Client, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them")
    ShareLink.objects.update(wrong_tries=tries.MOST)
    path = f"/studio/links/{link.pk}/lock/"
    assert b"Lock of Them" in studio_client.get(path).content
    page = studio_client.post(path, {"lock": "password", "secret": "seven swans"}).content.decode()
    assert "<b>seven swans</b>" in page
    row = ShareLink.objects.get()
    assert is_right("seven swans", row.lock)
    assert row.wrong_tries == 0
    assert studio_client.post(path, {"lock": "pin", "secret": "12"}).status_code == 422
    assert b"Whoever has this link can look now." in studio_client.post(path, {"lock": ""}).content
    assert ShareLink.objects.get().lock == ""


def test_closed_link_needs_no_lock(studio_client: Client, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them")
    revoke_share_link(link)
    for method in (studio_client.get, studio_client.post):
        response = method(f"/studio/links/{link.pk}/lock/", {"lock": "pin"})
        assert response["Location"] == f"/studio/galleries/{gallery.pk}/links/"
    assert ShareLink.objects.get().lock == ""


def test_another_studios_links_do_not_exist(studio_client: Client, foreign: Gallery) -> None:
    link, _ = create_share_link(foreign, label="Them", lock=hashed(Kind.PIN, "482913"))
    ShareLink.objects.update(wrong_tries=7)
    before = ShareLink.objects.values().get()
    assert studio_client.get(f"/studio/links/{link.pk}/lock/").status_code == 404
    assert studio_client.post(f"/studio/links/{link.pk}/lock/", {"lock": ""}).status_code == 404
    assert studio_client.post(f"/studio/links/{link.pk}/forgive/").status_code == 404
    assert ShareLink.objects.values().get() == before


def test_strangers_and_readers_change_nothing(client: Client, studio_client: Client, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them", lock=hashed(Kind.PIN, "482913"))
    before = ShareLink.objects.values().get()
    assert studio_client.get(f"/studio/links/{link.pk}/forgive/").status_code == 405
    studio_client.get(f"/studio/links/{link.pk}/lock/", {"lock": ""})
    studio_client.head(f"/studio/links/{link.pk}/lock/")
    studio_client.logout()
    for action in ("lock", "forgive"):
        assert client.post(f"/studio/links/{link.pk}/{action}/", {"lock": ""})["Location"].startswith("/sign-in/")
    assert ShareLink.objects.values().get() == before


def test_page_says_how_often_a_link_was_opened_and_when_last(studio_client: Client, gallery: Gallery) -> None:
    links = [create_share_link(gallery, label=label)[0] for label in ("None", "One", "Three")]
    events = [open_of(link) for link, times in zip(links, (0, 1, 3), strict=True) for _ in range(times)]
    for day, event in enumerate(events, 10):
        event["at"] = f"2026-05-{day}T12:00:00+00:00"
    record_opens.func(events)
    page = studio_client.get(f"/studio/galleries/{gallery.pk}/links/").content.decode()
    assert re.findall(r">(Opened [^<]+|Not opened yet)<", page) == [
        "Opened 3 times, last on 13 May 2026", "Opened once, on 10 May 2026", "Not opened yet",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 12])
def test_page_asks_a_fixed_number_of_questions(
    studio_client: Client, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        record_opens.func([open_of(create_share_link(gallery, label="Them")[0]) for _ in range(2)])
    with django_assert_num_queries(5):  # user, studio, gallery, ready photos, links with their openings
        page = studio_client.get(f"/studio/galleries/{gallery.pk}/links/").content.decode()
    assert page.count("Opened once") == 2 * count
