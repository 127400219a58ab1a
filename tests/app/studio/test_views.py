import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from app.accounts.models import Studio
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery
from app.galleries.removal import delete_gallery
from app.galleries.sections import MOST_SECTIONS
from app.notifications.actions import deliver
from app.notifications.models import OutboxEmail
from app.sharing.actions import create_share_link
from app.sharing.models import ShareLink
from app.studio.views.galleries import CARDS_A_PAGE
from app.studio.views.links import CLIENT_MAIL, LINKS_A_PAGE
from app.web.keyset import NEWEST_FIRST
from tests.app.conftest import elsewhere, new_photo

pytestmark = pytest.mark.django_db


def test_dashboard_names_the_next_action_when_empty(studio_client: Client) -> None:
    page = studio_client.get("/studio/")
    assert b"Make your first gallery." in page.content
    assert page["Cache-Control"] == "private, no-store"


def test_dashboard_shows_own_galleries_newest_first(studio_client: Client, studio: Studio, foreign: Gallery) -> None:
    first = create_gallery(studio, title="First")
    create_gallery(studio, title="Second")
    new_photo(first, rank=2)
    cover = new_photo(first, rank=1)
    new_photo(first, state="uploaded")
    html = studio_client.get("/studio/").content.decode()
    assert html.index("Second") < html.index("First")
    assert foreign.title not in html
    assert "2 photos" in html
    assert "1 in the works" in html
    assert html.count("<picture>") == 1
    assert f"/{cover.pk}/" in html


@pytest.mark.parametrize("count", [3, 30])
def test_dashboard_asks_a_fixed_number_of_questions(
    studio_client: Client, studio: Studio, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for n in range(count):
        new_photo(create_gallery(studio, title=f"No. {n}"))
    for questions in (4, 3):  # user, studio, galleries and, the first time, covers; the session comes from the cache
        with django_assert_num_queries(questions):
            studio_client.get("/studio/")


def test_dashboard_comes_in_pages(studio_client: Client, studio: Studio) -> None:
    for n in range(CARDS_A_PAGE + 2):
        create_gallery(studio, title=f"No. {n:02d}")
    first = studio_client.get("/studio/").content.decode()
    second = studio_client.get("/studio/" + way(first, "Older")).content.decode()
    assert (first.count('class="card"'), second.count('class="card"')) == (CARDS_A_PAGE, 2)
    assert ("No. 25" in first, "No. 00" in second) == (True, True)
    assert (way(first, "Newer"), way(second, "Older")) == ("", "")
    # Newer ones come from where the reader is, with what was added meanwhile one part further up.
    create_gallery(studio, title="No. 26")
    back = studio_client.get("/studio/" + way(second, "Newer")).content.decode()
    assert ("No. 25" in back, "No. 26" in back, back.count('class="card"')) == (True, False, CARDS_A_PAGE)
    assert "No. 26" in studio_client.get("/studio/" + way(back, "Newer")).content.decode()


def way(html: str, words: str) -> str:
    """Where a link in the row of pages leads; empty without one."""
    found = re.search(rf'href="([^"]+)" rel="(?:prev|next)">{words}<', html)
    return unescape(found[1]) if found else ""


def test_dashboard_keeps_the_words_from_page_to_page(studio_client: Client, studio: Studio) -> None:
    for n in range(CARDS_A_PAGE + 1):
        create_gallery(studio, title=f"Ada & {n}")
        create_gallery(studio, title=f"Other {n}")
    first = studio_client.get("/studio/", {"q": "ada &"}).content.decode()
    second = studio_client.get("/studio/" + way(first, "Older")).content.decode()
    assert second.count('class="card"') == 1
    assert "Other" not in first + second


@pytest.mark.parametrize("query", ["after=x", "before=x:y", "after=%00", "after=" + "9" * 300])
def test_page_that_begins_nowhere_does_not_exist(studio_client: Client, gallery: Gallery, query: str) -> None:
    for address in ("/studio/", f"/studio/galleries/{gallery.pk}/links/", "/studio/tokens/"):
        assert studio_client.get(f"{address}?{query}").status_code == 404


def test_cursor_of_another_list_or_studio_is_none_here(
    studio_client: Client, studio: Studio, gallery: Gallery, foreign: Gallery
) -> None:
    for salt, status in (
        (f"studio.galleries:{studio.pk}", 200),
        (f"studio.galleries:{foreign.studio_id}", 404),
        (f"studio.links:{gallery.pk}", 404),
    ):
        cursor = NEWEST_FIRST.cursor(Gallery.objects.get(pk=gallery.pk), salt=salt)
        assert studio_client.get("/studio/", {"after": cursor}).status_code == status
    ours = NEWEST_FIRST.cursor(Gallery.objects.get(pk=gallery.pk), salt=f"studio.galleries:{studio.pk}")
    assert studio_client.get("/studio/", {"after": ours, "before": ours}).status_code == 404


def test_links_come_in_pages(studio_client: Client, gallery: Gallery) -> None:
    for n in range(LINKS_A_PAGE + 1):
        create_share_link(gallery, label=f"Link {n:02d}")
    path = f"/studio/galleries/{gallery.pk}/links/"
    first = studio_client.get(path).content.decode()
    second = studio_client.get(path + way(first, "Older")).content.decode()
    assert ("Link 00" in first, "Link 50" in first) == (False, True)
    assert ("Link 00" in second, "Link 01" in second) == (True, False)


def test_dashboard_finds_by_title_and_client(studio_client: Client, studio: Studio, foreign: Gallery) -> None:
    create_gallery(studio, title="Summer 100%", client="Ada")
    create_gallery(studio, title="Winter", client="Grace Hopper")

    def found(words: str) -> list[str]:
        html = studio_client.get("/studio/", {"q": words}).content.decode()
        return re.findall(r'<h2><a href="[^"]+">([^<]+)</a>', html)

    assert found("summer ADA") == ["Summer 100%"]
    assert found(" hop  win ") == ["Winter"]
    assert found("%") == ["Summer 100%"]
    assert found("") == ["Winter", "Summer 100%"]
    for nothing in (foreign.title, "a_b", "x" * 500, "\0x", "<script>"):
        assert found(nothing) == []
    assert "<script>alert" not in studio_client.get("/studio/", {"q": "<script>alert"}).content.decode()


def test_new_gallery_has_four_fields(studio_client: Client, studio: Studio) -> None:
    form = {"title": "Ada", "event_date": "", "client": " Ada\tL. ", "sections": "Getting ready, Church,, Church ,"}
    studio_client.post("/studio/galleries/", form)
    gallery = Gallery.objects.of(studio).get()
    assert (gallery.client, gallery.theme) == ("Ada L.", "auto")
    assert [(s.title, s.slug) for s in gallery.sections.all()] == [
        ("Getting ready", "getting-ready"), ("Church", "church"), ("Church", "church-2"),
    ]  # fmt: skip


def test_new_gallery_opens(studio_client: Client, studio: Studio) -> None:
    response = studio_client.post("/studio/galleries/", {"title": " Summer ", "event_date": "2026-06-20"})
    gallery = Gallery.objects.of(studio).get()
    assert response["Location"] == f"/studio/galleries/{gallery.pk}/"
    assert (gallery.title, str(gallery.event_date), gallery.status) == ("Summer", "2026-06-20", "draft")


@pytest.mark.parametrize(
    "form",
    [
        {"title": " "}, {"title": "x" * 121}, {"title": "x", "event_date": "yesterday"}, {"title": "a\0"},
        {"title": "x", "sections": "y" * 81}, {"title": "x", "sections": ",".join("y" * (MOST_SECTIONS + 1))},
        {"title": "x", "client": "y" * 121},
    ],
)  # fmt: skip
def test_bad_gallery_is_refused_with_a_reason(studio_client: Client, form: dict[str, str]) -> None:
    response = studio_client.post("/studio/galleries/", form)
    assert response.status_code == 422
    assert b'role="alert"' in response.content
    assert not Gallery.objects.exists()


def test_gallery_page_shows_photos_in_order_and_failures_with_reasons(studio_client: Client, gallery: Gallery) -> None:
    later, sooner = new_photo(gallery, rank=2), new_photo(gallery, rank=1)
    new_photo(gallery, state="failed", filename="<b>bad.jpg")
    new_photo(gallery, state="pending")
    html = studio_client.get(f"/studio/galleries/{gallery.pk}/").content.decode()
    assert re.findall(r'data-photo="([^"]+)"', html) == [str(sooner.pk), str(later.pk)]
    assert "<b>&lt;b&gt;bad.jpg</b>: This file is cut off." in html
    assert "1 upload stopped on the way" in html
    assert " style=" not in html


@pytest.mark.parametrize("count", [3, 30])
def test_gallery_page_asks_a_fixed_number_of_questions(
    studio_client: Client, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for n in range(count):
        new_photo(gallery, rank=n)
        create_share_link(gallery, label=str(n))
    # user, studio, gallery, photos, sections, counts, stopped, failed ones; the session comes from the cache
    with django_assert_num_queries(8):
        studio_client.get(f"/studio/galleries/{gallery.pk}/")
    with django_assert_num_queries(5):  # user, studio, gallery, photos counted, links
        studio_client.get(f"/studio/galleries/{gallery.pk}/links/")


def test_new_link_is_shown_once_and_opens_the_gallery(studio_client: Client, gallery: Gallery) -> None:
    path = f"/studio/galleries/{gallery.pk}/links/"
    response = studio_client.post(path, {"label": "Them", "expires_on": ""})
    assert response.status_code == 201
    address = re.search(r'value="(http://testserver/s/[^"]+/)"', response.content.decode())
    assert address
    assert Client().get(address[1]).status_code == 200
    page = studio_client.get(path).content.decode()
    assert "Them" in page
    assert "/s/" not in page


def test_last_day_of_a_link_is_included(studio_client: Client, gallery: Gallery) -> None:
    today = timezone.localdate()
    studio_client.post(f"/studio/galleries/{gallery.pk}/links/", {"label": "Them", "expires_on": today.isoformat()})
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    assert ShareLink.objects.get().expires_at == midnight


def test_new_link_is_mailed_to_the_client(studio_client: Client, gallery: Gallery) -> None:
    Studio.objects.update(name="Ada & <i>Co</i>\r\nBcc: eve@example.test")
    Gallery.objects.update(title="<script>alert(1)</script>")
    form = {"label": "Them", "expires_on": "2999-01-31", "send_to": "client@example.test"}
    page = studio_client.post(f"/studio/galleries/{gallery.pk}/links/", form).content.decode()
    assert "on its way to client@example.test" in page
    address = re.search(r'data-copy="([^"]+)"', page)
    assert address
    email = OutboxEmail.objects.get()
    assert email.to == "client@example.test"
    assert email.subject == "Ada & <i>Co</i> Bcc: eve@example.test: “<script>alert(1)</script>” is ready"
    assert address[1] in email.text
    assert f'href="{address[1]}"' in email.html
    assert "open until 31 January 2999" in email.text
    assert "<script>" not in email.html
    assert "<i>Co" not in email.html
    assert "&lt;script&gt;" in email.html
    deliver(str(email.pk))
    (sent,) = mail.outbox
    assert sent.recipients() == ["client@example.test"]


def test_link_without_an_address_is_not_mailed(studio_client: Client, gallery: Gallery) -> None:
    studio_client.post(f"/studio/galleries/{gallery.pk}/links/", {"label": "Them", "send_to": ""})
    assert ShareLink.objects.count() == 1
    assert not OutboxEmail.objects.exists()


def test_one_client_is_not_mailed_for_ever(studio_client: Client, gallery: Gallery) -> None:
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis
    form = {"label": "Them", "send_to": "flooded@example.test"}
    path = f"/studio/galleries/{gallery.pk}/links/"
    answers = [studio_client.post(path, form).status_code for _ in range(CLIENT_MAIL.per_email + 1)]
    assert answers == [201] * CLIENT_MAIL.per_email + [422]
    assert ShareLink.objects.count() == OutboxEmail.objects.count() == CLIENT_MAIL.per_email


def test_photo_whose_task_is_lost_is_asked_for_again(studio_client: Client, gallery: Gallery) -> None:
    new_photo(gallery, state="uploaded")
    new_photo(gallery, state="uploaded", updated_at=timezone.now() - timedelta(hours=2))
    assert "1 upload stopped" in studio_client.get(f"/studio/galleries/{gallery.pk}/").content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"label": ""}, {"label": "x" * 81}, {"label": "x", "expires_on": "2020-01-01"},
        {"label": "x", "expires_on": "9999-12-31"},
        {"label": "x", "send_to": "nobody"}, {"label": "x", "send_to": "a@b.test\nBcc: c@d.test"},
    ],
)  # fmt: skip
def test_bad_link_is_refused(studio_client: Client, gallery: Gallery, form: dict[str, str]) -> None:
    assert studio_client.post(f"/studio/galleries/{gallery.pk}/links/", form).status_code == 422
    assert not ShareLink.objects.exists()


def test_revoked_link_is_closed(studio_client: Client, gallery: Gallery) -> None:
    link, token = create_share_link(gallery, label="Them")
    response = studio_client.post(f"/studio/links/{link.pk}/revoke/")
    assert response["Location"] == f"/studio/galleries/{gallery.pk}/links/"
    assert Client().get(f"/s/{token}/").status_code == 410


def test_foreign_objects_do_not_exist(studio_client: Client, foreign: Gallery) -> None:
    link, _ = create_share_link(foreign, label="Them")
    assert studio_client.get(f"/studio/galleries/{foreign.pk}/").status_code == 404
    assert studio_client.get(f"/studio/galleries/{foreign.pk}/links/").status_code == 404
    assert studio_client.post(f"/studio/galleries/{foreign.pk}/links/", {"label": "x"}).status_code == 404
    assert studio_client.post(f"/studio/links/{link.pk}/revoke/").status_code == 404
    assert ShareLink.objects.get().revoked_at is None


def test_strangers_sign_in_first(client: Client, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them")
    for path in ("/studio/", f"/studio/galleries/{gallery.pk}/"):
        assert client.get(path)["Location"] == f"/sign-in/?next={path}"
    for path in ("/studio/galleries/", f"/studio/galleries/{gallery.pk}/links/", f"/studio/links/{link.pk}/revoke/"):
        assert client.post(path, {"title": "x", "label": "x"})["Location"].startswith("/sign-in/")
    assert (Gallery.objects.count(), ShareLink.objects.filter(revoked_at=None).count()) == (1, 1)


def test_reading_never_writes(studio_client: Client, gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them")
    assert studio_client.get("/studio/galleries/").status_code == 405
    assert studio_client.get(f"/studio/links/{link.pk}/revoke/").status_code == 405


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "address", ["arrange/", "sort/", "sections/", "uploads/", "delete/", "links/", "contact-sheets/"]
)
def test_gallery_that_is_being_deleted_does_not_exist(studio_client: Client, gallery: Gallery, address: str) -> None:
    photo = new_photo(gallery)
    path = f"/studio/galleries/{gallery.pk}/{address}"
    form = {"do": "last", "photo": str(photo.pk), "by": "filename", "title": "x", "label": "x"}
    form |= {"paper": "a4", "columns": "4"}
    files = [{"name": "a.jpg", "size": 9, "type": "image/jpeg", "sha256": "0" * 64}]

    def post() -> int:
        body = (files, "application/json") if address == "uploads/" else (form,)
        return studio_client.post(path, *body).status_code

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            delete_gallery(gallery)
            posting = pool.submit(elsewhere, post)
            assert not wait([posting], timeout=0.5).done
        assert posting.result(timeout=10) == 404
