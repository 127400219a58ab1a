import gzip
import re
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.galleries.models import Gallery, Photo, Section
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink
from tests.app.conftest import new_photo, new_section, unsaved_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(gallery: Gallery) -> str:
    return create_share_link(gallery, label="Them")[1]


def test_gallery_shows_what_is_ready_in_order(client: Client, gallery: Gallery, token: str) -> None:
    later, sooner = new_photo(gallery, rank=2), new_photo(gallery, rank=1)
    for state in ("pending", "uploaded", "failed"):
        new_photo(gallery, state=state, filename="hidden.jpg")
    html = client.get(f"/s/{token}/").content.decode()
    assert re.findall(r'id="photo-([^"]+)"', html) == [str(sooner.pk), str(later.pk)]
    assert "Ada &amp; Charles" in html
    assert "2 photos" in html
    assert "hidden.jpg" not in html


def test_tile_has_its_address_its_size_and_its_colour(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    html = client.get(f"/s/{token}/").content.decode()
    tile = html[html.index('<li class="tile') :]
    assert 'class="tile r150 c134"' in tile
    assert f'href="{photo.pk}/"' in tile
    assert re.findall(r'<source type="([^"]+)"', tile) == ["image/avif"]
    assert f'/{photo.pk}/r/1280.jpeg"' in tile
    assert 'width="1280" height="853"' in tile
    assert 'loading="lazy"' in tile
    assert 'alt="Photo 1"' in tile
    assert "originals/" not in html
    assert " style=" not in html


def test_what_is_kept_names_no_link(client: Client, gallery: Gallery, token: str) -> None:
    new_photo(gallery)
    other = create_share_link(gallery, label="Others")[1]
    pages = [client.get(f"/s/{link}/").content.decode() for link in (token, other)]
    grids = [page[page.index("data-parts") : page.index("data-live")] for page in pages]
    assert grids[0] == grids[1]
    assert token not in grids[0]


def test_sections_have_tabs_headings_and_anchors(client: Client, gallery: Gallery, token: str) -> None:
    loose = new_photo(gallery, rank=9)
    for position, title in enumerate(("Ceremony", "Dinner", "Empty"), 1):
        section = new_section(gallery, title, position=position)
        if title != "Empty":
            new_photo(gallery, section=section, section_position=position)
    Section.objects.filter(title="Dinner").update(title="Dinner <3")
    html = client.get(f"/s/{token}/").content.decode()
    assert re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', html) == [
        ("photos", "Photos"), ("section-ceremony", "Ceremony"), ("section-dinner", "Dinner &lt;3"),
    ]  # fmt: skip
    assert re.findall(r'<section class="part" id="([^"]+)"', html) == ["photos", "section-ceremony", "section-dinner"]
    assert re.findall(r'alt="(Photo [^"]+)"', html) == ["Photo 1", "Photo 2", "Photo 3"]
    assert re.findall(r'id="photo-([^"]+)"', html)[0] == str(loose.pk)


def test_gallery_without_sections_has_no_tabs(client: Client, gallery: Gallery, token: str) -> None:
    new_photo(gallery)
    html = client.get(f"/s/{token}/").content.decode()
    assert "data-tabs" not in html
    assert "<h2" not in html[: html.index("<dialog")]


def test_cover_is_the_chosen_photo_or_the_first_landscape(client: Client, gallery: Gallery, token: str) -> None:
    def cover() -> str:
        found = re.search(r'class="cover__picture.*?/([0-9a-f-]{36})/r/', client.get(f"/s/{token}/").content.decode())
        assert found is not None
        return found[1]

    upright = new_photo(gallery, rank=1, width=1000, height=1500)
    wide, chosen = new_photo(gallery, rank=2), new_photo(gallery, rank=3)
    assert cover() == str(wide.pk)
    Gallery.objects.update(cover=chosen)
    assert cover() == str(chosen.pk)
    Photo.objects.filter(pk__in=[wide.pk, chosen.pk]).delete()
    assert cover() == str(upright.pk)


@pytest.mark.parametrize(
    ("theme", "said"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("auto", "")]
)
def test_theme_of_the_gallery(client: Client, gallery: Gallery, token: str, theme: str, said: str) -> None:
    photo = new_photo(gallery)
    Gallery.objects.update(theme=theme)
    for path in (f"/s/{token}/", f"/s/{token}/{photo.pk}/"):
        assert f'<html lang="en"{said}>' in client.get(path).content.decode()


def test_what_was_taken_out_is_gone_at_once(client: Client, gallery: Gallery, token: str) -> None:
    """Even where nobody raised the gallery's version."""
    kept, removed = new_photo(gallery, rank=1), new_photo(gallery, rank=2)
    assert str(removed.pk) in client.get(f"/s/{token}/").content.decode()
    Photo.objects.filter(pk=removed.pk).delete()
    html = client.get(f"/s/{token}/").content.decode()
    assert str(removed.pk) not in html
    assert str(kept.pk) in html


def test_gallery_is_there_without_the_cache(client: Client, gallery: Gallery, token: str, settings: Settings) -> None:
    photo = new_photo(gallery)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    for _ in range(2):
        assert str(photo.pk) in client.get(f"/s/{token}/").content.decode()


def test_page_of_many_photos_is_light(client: Client, gallery: Gallery, token: str) -> None:
    random = Random(1)  # noqa: S311  # variety, the same each time
    Photo.objects.bulk_create(
        unsaved_photo(
            gallery,
            rank=rank,
            width=random.choice((6000, 4000, 3000)),
            height=random.choice((4000, 6000, 3376)),
            colour=f"#{random.getrandbits(24):06x}",
        )
        for rank in range(800)
    )
    response = client.get(f"/s/{token}/", headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) <= 60_000
    assert gzip.decompress(response.content).count(b'<li class="tile') == 800


def test_empty_gallery_is_friendly(client: Client, token: str) -> None:
    response = client.get(f"/s/{token}/")
    assert response.status_code == 200
    assert b"The photographs are on their way." in response.content


def test_single_photo_names_its_neighbours_and_its_place(client: Client, gallery: Gallery, token: str) -> None:
    first, second, third = (new_photo(gallery, rank=rank) for rank in (1, 1, 2))  # the id decides between equal ranks
    new_photo(gallery, state="failed", rank=1)
    pages = [client.get(f"/s/{token}/{photo.pk}/").content.decode() for photo in (first, second, third)]
    links = [dict(re.findall(r'href="/s/[^/]+/([^/]+)/" data-key="([^"]+)"', page)) for page in pages]
    assert links == [
        {str(second.pk): "ArrowRight"},
        {str(first.pk): "ArrowLeft", str(third.pk): "ArrowRight"},
        {str(second.pk): "ArrowLeft"},
    ]
    for place, page in enumerate(pages, 1):
        assert f"{place} / 3" in page
        assert f'href="/s/{token}/#photo-' in page


def test_single_photo_says_how_it_was_taken(client: Client, gallery: Gallery, token: str) -> None:
    known = new_photo(gallery, exif={"camera": "Leica <M11>", "shutter": 0.004, "aperture": 2.0})
    unknown = new_photo(gallery)
    html = client.get(f"/s/{token}/{known.pk}/").content.decode()
    named = re.findall(r"<dt[^>]*>([^<]+)</dt><dd>([^<]+)</dd>", html)
    assert named == [("Camera", "Leica &lt;M11&gt;"), ("Aperture", "f/2"), ("Shutter", "1/250 s")]
    assert 'aria-label="How it was taken"' in html
    assert "<dl" not in client.get(f"/s/{token}/{unknown.pk}/").content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_pages_ask_a_fixed_number_of_questions(
    client: Client, gallery: Gallery, token: str, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    photos = [new_photo(gallery, rank=n) for n in range(count)]
    with django_assert_num_queries(4):  # link, counts, photos, sections
        client.get(f"/s/{token}/")
    with django_assert_num_queries(1):  # counts; the rest is in the cache
        client.get(f"/s/{token}/")
    with django_assert_num_queries(5):  # link, photo, the one before, the one after, place
        client.get(f"/s/{token}/{photos[1].pk}/")


def test_link_opens_its_own_gallery_only(client: Client, gallery: Gallery, foreign: Gallery, token: str) -> None:
    mine, theirs = new_photo(gallery), new_photo(foreign)
    other = create_share_link(foreign, label="Them")[1]
    assert client.get(f"/s/{token}/{mine.pk}/").status_code == 200
    for path in (f"/s/{token}/{theirs.pk}/", f"/s/{other}/{mine.pk}/"):
        response = client.get(path)
        assert response.status_code == 404
        assert b"This photo is not in the gallery." in response.content
    assert str(theirs.pk) not in client.get(f"/s/{token}/").content.decode()


@pytest.mark.parametrize("state", ["pending", "uploaded", "failed"])
def test_photo_that_is_not_ready_is_not_there(client: Client, gallery: Gallery, token: str, state: str) -> None:
    assert client.get(f"/s/{token}/{new_photo(gallery, state=state).pk}/").status_code == 404


def test_unknown_link_is_404(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    for wrong in (token[:-1], token.swapcase(), "nope", "%00", "\u202e"):
        for path in (f"/s/{wrong}/", f"/s/{wrong}/{photo.pk}/"):
            response = client.get(path)
            assert response.status_code == 404
            assert b"No gallery is open here." in response.content


def test_token_of_a_draft_opens_nothing(client: Client, gallery: Gallery, token: str) -> None:
    Gallery.objects.filter(pk=gallery.pk).update(status="draft")
    assert client.get(f"/s/{token}/").status_code == 404


def test_closed_links_are_gone_and_say_why(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    past = timezone.now() - timedelta(seconds=1)
    ShareLink.objects.update(created_at=past - timedelta(days=1), expires_at=past)
    for path in (f"/s/{token}/", f"/s/{token}/{photo.pk}/"):
        response = client.get(path)
        assert response.status_code == 410
        assert b"This link has expired." in response.content
        assert str(photo.pk) not in response.content.decode()
    revoke_share_link(ShareLink.objects.get())
    assert b"This link has been closed." in client.get(f"/s/{token}/").content


def test_link_opens_until_the_moment_it_expires(client: Client, token: str) -> None:
    ShareLink.objects.update(expires_at=Now() + timedelta(minutes=1))
    assert client.get(f"/s/{token}/").status_code == 200


def test_nothing_behind_a_link_is_cached_referred_or_indexed(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    for path in (f"/s/{token}/", f"/s/{token}/{photo.pk}/", "/s/nope/", f"/s/{token}/{gallery.pk}/"):
        response = client.get(path)
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]


def test_looking_is_all_there_is(client: Client, token: str) -> None:
    assert client.post(f"/s/{token}/").status_code == 405


def test_gallery_deleted_while_its_page_is_made_is_unknown(client: Client, gallery: Gallery) -> None:
    _, token = create_share_link(gallery, label="Them")
    gone: list[bool] = []

    def delete_first(execute: Any, sql: str, *args: Any) -> Any:
        if "galleries_photo" in sql and not gone:
            gone.append(True)
            Gallery.objects.filter(pk=gallery.pk).delete()
        return execute(sql, *args)

    with connection.execute_wrapper(delete_first):
        response = client.get(f"/s/{token}/")
    assert gone
    assert (response.status_code, response["Cache-Control"]) == (404, "private, no-store")
