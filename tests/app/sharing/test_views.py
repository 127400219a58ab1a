import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink
from tests.app.conftest import new_photo

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


def test_tile_has_every_format_its_size_and_its_colour(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    html = client.get(f"/s/{token}/").content.decode()
    tile = html[html.index('<li class="tile') :]
    assert 'class="tile r150"' in tile
    assert f'href="/s/{token}/{photo.pk}/"' in tile
    assert re.findall(r'<source type="([^"]+)"', tile) == ["image/avif", "image/webp"]
    assert 'width="1280" height="853"' in tile
    assert 'loading="lazy"' in tile
    assert 'fill="#336699"' in tile
    assert "originals/" not in html
    assert " style=" not in html


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
    with django_assert_num_queries(2):  # link, photos
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
