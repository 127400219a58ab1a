"""Putting a gallery in order through its page."""

import re
import uuid

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.models import Gallery, Photo
from app.galleries.ordering import MOST_MOVED, STEP
from app.galleries.sections import MOST_SECTIONS, add_sections
from app.studio import gallery_page
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.fixture
def path(gallery: Gallery) -> str:
    return f"/studio/galleries/{gallery.pk}/"


def shown(client: Client, path: str) -> list[tuple[str, str]]:
    """File names and headings, as the page lists them."""
    html = client.get(path).content.decode()
    return re.findall(
        r'<li class="tile[^>]* title="([^"]+)\.jpg"|<h2>(?:<span[^>]*>)?([^<]+)', html.split("data-grid")[1]
    )


def names(client: Client, path: str) -> str:
    return " ".join(tile or heading for tile, heading in shown(client, path))


def photos(gallery: Gallery, count: int) -> list[Photo]:
    return [new_photo(gallery, rank=n * STEP, filename=f"{n}.jpg") for n in range(1, count + 1)]


def test_forms_move_photos_and_come_back(studio_client: Client, gallery: Gallery, path: str) -> None:
    one, two, three = photos(gallery, 3)
    (party,) = add_sections(gallery, ["Party"])
    for form, expected in [
        ({"do": "first", "photo": [three.pk]}, "Without a section 3 1 2 Party"),
        ({"do": "last", "photo": [three.pk, one.pk]}, "Without a section 2 3 1 Party"),
        ({"do": "move", "photo": [two.pk, one.pk], "section": party.pk}, "Without a section 3 Party 2 1"),
        ({"do": "first", "photo": [one.pk]}, "Without a section 3 Party 1 2"),
        ({"do": "move", "photo": [one.pk], "section": ""}, "Without a section 3 1 Party 2"),
        ({"do": "after", "photos": f"{two.pk}", "after": three.pk}, "Without a section 3 2 1 Party"),
    ]:
        assert studio_client.post(f"{path}arrange/", form)["Location"] == path
        assert names(studio_client, path) == expected


def test_script_is_told_the_new_keys(studio_client: Client, gallery: Gallery, path: str) -> None:
    one, two, three = photos(gallery, 3)
    form = {"do": "after", "photos": str(three.pk), "after": str(one.pk)}
    answer = studio_client.post(f"{path}arrange/", form, headers=JSON).json()
    three.refresh_from_db()
    assert answer == {"orders": {str(three.pk): three.order_key}}
    assert one.order_key < three.order_key < two.order_key
    Photo.objects.filter(pk=three.pk).update(rank=STEP + 1)
    form = {"do": "after", "photos": str(two.pk), "after": str(one.pk)}  # between two neighbours
    answer = studio_client.post(f"{path}arrange/", form, headers=JSON).json()
    keys = answer["orders"]
    assert sorted(keys, key=keys.__getitem__) == [str(one.pk), str(two.pk), str(three.pk)]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "first"}, 422), ({"do": "first", "photos": "x"}, 422), ({"do": "first", "photos": "\0"}, 422),
        ({"do": "fly", "photos": "ONE"}, 422), ({"photos": "ONE"}, 422), ({"do": "after", "photos": "ONE"}, 422),
        ({"do": "after", "photos": "ONE", "after": "x"}, 422), ({"do": "after", "photos": "ONE", "after": "ONE"}, 409),
        ({"do": "move", "photos": "ONE", "section": "x"}, 422),
        ({"do": "move", "photos": "ONE", "section": "NEW"}, 409),
        ({"do": "first", "photos": "NEW"}, 409), ({"do": "first", "photos": "FOREIGN"}, 409),
        ({"do": "first", "photos": "ONE,FOREIGN"}, 409), ({"do": "cover", "photos": "FOREIGN"}, 422),
        ({"do": "cover", "photos": "ONE,TWO"}, 422), ({"do": "cover", "photos": "FAILED"}, 422),
        ({"do": "first", "photos": "MANY"}, 422),
    ],
)  # fmt: skip
def test_bad_input_moves_nothing(
    studio_client: Client, gallery: Gallery, foreign: Gallery, path: str, form: dict[str, str], status: int
) -> None:
    one, two = photos(gallery, 2)
    ids = {
        "ONE": one.pk, "TWO": two.pk, "FOREIGN": new_photo(foreign).pk, "NEW": uuid.uuid4(),
        "FAILED": new_photo(gallery, state="failed").pk,
        "MANY": ",".join(str(uuid.uuid4()) for _ in range(MOST_MOVED + 1)),
    }  # fmt: skip
    before = list(Photo.objects.order_by("pk").values())
    filled = {key: re.sub("[A-Z]+", lambda found: str(ids[found[0]]), value) for key, value in form.items()}
    answer = studio_client.post(f"{path}arrange/", filled, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"]
    page = studio_client.post(f"{path}arrange/", filled)
    assert page.status_code == 422
    assert b'role="alert"' in page.content
    assert list(Photo.objects.order_by("pk").values()) == before
    assert Gallery.objects.get(pk=gallery.pk).cover is None


def test_cover_is_put_on_top(studio_client: Client, gallery: Gallery, path: str) -> None:
    one, two = photos(gallery, 2)
    assert f"/{one.pk}/" in studio_client.get("/studio/").content.decode()
    assert studio_client.post(f"{path}arrange/", {"do": "cover", "photo": two.pk})["Location"] == path
    card = studio_client.get("/studio/").content.decode()
    assert f"/{two.pk}/" in card
    assert f"/{one.pk}/" not in card
    assert studio_client.get(path).content.decode().count("is-cover") == 1
    answer = studio_client.post(f"{path}arrange/", {"do": "cover", "photo": one.pk}, headers=JSON)
    assert answer.json() == {"cover": str(one.pk)}


def test_deleting_asks_first(studio_client: Client, gallery: Gallery, path: str) -> None:
    one, two = photos(gallery, 2)
    Photo.objects.filter(pk=one.pk).update(filename="<b>.jpg")
    page = studio_client.post(f"{path}arrange/", {"do": "delete", "photo": [one.pk, two.pk]})
    assert "Delete 2 photos?" in page.content.decode()
    assert "&lt;b&gt;.jpg" in page.content.decode()
    assert gallery.photos.count() == 2
    form = {"do": "delete", "photos": f"{one.pk},{two.pk}", "sure": "1"}
    page = studio_client.post(f"{path}arrange/", form, follow=True)
    assert "2 photos deleted." in page.content.decode()
    assert gallery.photos.count() == 0


def test_photos_of_others_are_not_deleted(studio_client: Client, gallery: Gallery, foreign: Gallery, path: str) -> None:
    theirs = new_photo(foreign, filename="secret-name.jpg")
    page = studio_client.post(f"{path}arrange/", {"do": "delete", "photo": theirs.pk})
    assert b"secret-name" not in page.content
    studio_client.post(f"{path}arrange/", {"do": "delete", "photo": theirs.pk, "sure": "1"})
    assert Photo.objects.get() == theirs


def test_gallery_is_deleted_after_a_question(studio_client: Client, gallery: Gallery, path: str) -> None:
    assert b"Delete \xe2\x80\x9cAda &amp; Charles\xe2\x80\x9d?" in studio_client.get(f"{path}delete/").content
    page = studio_client.post(f"{path}delete/", follow=True)
    assert "“Ada &amp; Charles” is deleted." in page.content.decode()
    assert not Gallery.objects.exists()
    assert studio_client.get(path).status_code == 404


def test_sections_are_arranged_by_forms(studio_client: Client, gallery: Gallery, path: str) -> None:
    (photo,) = photos(gallery, 1)
    for title in ("Church", " Party\n night "):
        assert studio_client.post(f"{path}sections/", {"title": title})["Location"] == path
    church, party = gallery.sections.all()
    assert names(studio_client, path) == "Without a section 1 Church Party night"
    studio_client.post(f"{path}arrange/", {"do": "move", "photo": photo.pk, "section": party.pk})
    studio_client.post(f"/studio/sections/{party.pk}/", {"do": "up"})
    studio_client.post(f"/studio/sections/{church.pk}/", {"title": "<b>Bells</b>"})
    html = studio_client.get(path).content.decode()
    assert "<h2>&lt;b&gt;Bells&lt;/b&gt;</h2>" in html
    assert html.index("Party night</h2>") < html.index("Bells&lt;/b&gt;</h2>")
    assert studio_client.post(f"/studio/sections/{party.pk}/", {"do": "delete"})["Location"] == path
    photo.refresh_from_db()
    assert photo.section is None
    assert list(gallery.sections.all()) == [church]


@pytest.mark.parametrize("title", ["", "  ", "x" * 81, "a\0b"])
def test_bad_titles_of_sections_are_refused(studio_client: Client, gallery: Gallery, path: str, title: str) -> None:
    (section,) = add_sections(gallery, ["Church"])
    for address in (f"{path}sections/", f"/studio/sections/{section.pk}/"):
        assert studio_client.post(address, {"title": title}).status_code == 422
    assert [section.title for section in gallery.sections.all()] == ["Church"]


def test_one_section_too_many_is_refused(studio_client: Client, gallery: Gallery, path: str) -> None:
    add_sections(gallery, [str(n) for n in range(MOST_SECTIONS)])
    page = studio_client.post(f"{path}sections/", {"title": "More"})
    assert page.status_code == 422
    assert b"50 sections at most" in page.content


def test_gallery_or_one_section_is_sorted(studio_client: Client, gallery: Gallery, foreign: Gallery, path: str) -> None:
    (section,) = add_sections(gallery, ["Party"])
    for n, inside in ((4, True), (3, True), (2, False), (1, False)):
        spot = {"section": section, "section_position": 1} if inside else {}
        new_photo(gallery, rank=10 - n, filename=f"{n}.jpg", **spot)  # type: ignore[arg-type]
    assert studio_client.post(f"{path}sort/", {"by": "filename", "section": section.pk})["Location"] == path
    assert names(studio_client, path) == "Without a section 2 1 Party 3 4"
    studio_client.post(f"{path}sort/", {"by": "filename"})
    assert names(studio_client, path) == "Without a section 1 2 Party 3 4"
    (theirs,) = add_sections(foreign, ["Theirs"])
    for form in ({"by": "size"}, {}, {"by": "filename", "section": "x"}, {"by": "filename", "section": theirs.pk}):
        assert studio_client.post(f"{path}sort/", form).status_code == 422


def test_long_galleries_come_in_parts(
    studio_client: Client, gallery: Gallery, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_page, "PHOTOS_A_PAGE", 2)
    church, _, party = add_sections(gallery, ["Church", "Nobody", "Party"])
    for n in range(1, 8):
        spot = {"section": church, "section_position": 1} if 1 < n < 5 else {}
        spot = {"section": party, "section_position": 3} if n >= 5 else spot
        new_photo(gallery, rank=n, filename=f"{n}.jpg", **spot)  # type: ignore[arg-type]
    pages, address = [], path
    while address:
        html = studio_client.get(address).content.decode()
        pages.append(names(studio_client, address))
        found = re.search(r'href="(\?after=[^"]+)"', html)
        address = path + found[1] if found else ""
    assert pages == ["Without a section 1 Church 2", "3 4", "Nobody Party 5 6", "7"]
    assert "Back to the beginning" in html


@pytest.mark.parametrize(
    "key", ["x", "1", "1-2", "1-2-x", "-1-2-3", "٣-1-01940000-0000-7000-8000-000000000000",
            "00000-9999999999-01940000-0000-7000-8000-000000000000"],
)  # fmt: skip
def test_place_that_no_photo_has_is_not_found(studio_client: Client, path: str, key: str) -> None:
    assert studio_client.get(path, {"after": key}).status_code == 404


def test_place_of_a_photo_that_is_gone_still_leads_on(studio_client: Client, gallery: Gallery, path: str) -> None:
    one, two, three = photos(gallery, 3)
    key = two.order_key
    two.delete()
    html = studio_client.get(path, {"after": key}).content.decode()
    assert str(three.pk) in html
    assert str(one.pk) not in html


@pytest.mark.parametrize("count", [1, 12])
def test_sections_cost_no_further_questions(
    studio_client: Client, gallery: Gallery, path: str, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for section in add_sections(gallery, [str(n) for n in range(count)]):
        for n in range(3):
            new_photo(gallery, rank=n, section=section, section_position=section.position)
    with django_assert_num_queries(8):  # user, studio, gallery, photos, sections, counts, stopped, failed ones
        studio_client.get(path)


def test_settings_are_kept_and_raise_the_version(studio_client: Client, gallery: Gallery, path: str) -> None:
    form = {"title": " New\nname ", "event_date": "2026-06-20", "client": "Ada", "theme": "dark"}
    assert studio_client.post(f"{path}settings/", form)["Location"] == f"{path}settings/"
    gallery.refresh_from_db()
    assert (gallery.title, str(gallery.event_date), gallery.client, gallery.theme) == (
        "New name", "2026-06-20", "Ada", "dark",
    )  # fmt: skip
    assert (gallery.version, gallery.slug) == (2, "ada-charles")
    page = studio_client.get(f"{path}settings/").content.decode()
    assert "Saved." in page
    assert 'value="2026-06-20"' in page


@pytest.mark.parametrize(
    "form", [{"title": ""}, {"title": "x" * 121}, {"event_date": "never"}, {"theme": "pink"}, {"client": "x" * 121}]
)
def test_bad_settings_are_refused(studio_client: Client, gallery: Gallery, path: str, form: dict[str, str]) -> None:
    page = studio_client.post(f"{path}settings/", {"title": "New", "theme": "auto"} | form)
    assert page.status_code == 422
    assert "<h1>Ada &amp; Charles</h1>" in page.content.decode()
    gallery.refresh_from_db()
    assert (gallery.title, gallery.version) == ("Ada & Charles", 1)
