from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from app.accounts.models import Studio
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery, Photo
from app.sharing.actions import create_share_link
from app.sharing.models import ShareLink
from tests.app.api.conftest import Caller, caller_of
from tests.app.conftest import new_photo, new_section

pytestmark = pytest.mark.django_db


def walk(api: Caller, path: str, settings: Settings) -> list[list[Any]]:
    """Follow `next` to the end. Returns the ids, page by page."""
    pages, address = [], path
    while address:
        answer = api.get(address)
        assert answer.status == 200
        pages.append([row["id"] for row in answer.json["data"]])
        following = answer.json["next"]
        if following:
            assert following.startswith(settings.SITE_URL + "/api/v1/")
            assert answer.headers["Link"] == f'<{following}>; rel="next"'
        else:
            assert "Link" not in answer.headers
        address = (following or "").removeprefix(settings.SITE_URL)
    return pages


def test_photos_of_equal_rank_are_neither_lost_nor_repeated(api: Caller, gallery: Gallery, settings: Settings) -> None:
    section = new_section(gallery, "Party", position=1)
    for n, rank in enumerate((5, 1, 1, 1, 3, 3, 0)):
        inside = n % 3 == 0
        new_photo(gallery, rank=rank, section=section if inside else None, section_position=int(inside))
    expected = [str(pk) for pk in Photo.objects.in_order().values_list("pk", flat=True)]
    for limit in (1, 2, 3, 7, 200):
        pages = walk(api, f"galleries/{gallery.pk}/photos/?limit={limit}", settings)
        assert [pk for page in pages for pk in page] == expected
        assert max(len(page) for page in pages) == min(limit, 7)
        assert len(pages) == -(-7 // limit)


def test_galleries_and_links_of_one_moment_keep_their_order(
    api: Caller, gallery: Gallery, studio: Studio, settings: Settings
) -> None:
    moment = timezone.now()
    for n in range(4):
        create_gallery(studio, title=str(n))
        create_share_link(gallery, label=str(n))
    Gallery.objects.update(created_at=moment)
    ShareLink.objects.update(created_at=moment)
    ShareLink.objects.filter(label="0").update(created_at=moment + timedelta(microseconds=1))
    lists = {"galleries/": Gallery.objects.all(), f"galleries/{gallery.pk}/links/": ShareLink.objects.all()}
    for path, rows in lists.items():
        expected = [str(pk) for pk in rows.order_by("-created_at", "-pk").values_list("pk", flat=True)]
        assert [pk for page in walk(api, f"{path}?limit=2", settings) for pk in page] == expected


def test_a_page_begins_behind_the_last_row_whatever_came_or_went(
    api: Caller, gallery: Gallery, settings: Settings
) -> None:
    photos = [new_photo(gallery, rank=rank) for rank in range(4)]
    path = api.get(f"galleries/{gallery.pk}/photos/?limit=2").json["next"].removeprefix(settings.SITE_URL)
    photos[1].delete()  # the row that the cursor names
    new_photo(gallery, rank=0)
    assert [row["id"] for row in api.get(path).json["data"]] == [str(photos[2].pk), str(photos[3].pk)]


@pytest.mark.parametrize(
    "limit", ["0", "-1", "201", "1000000", "9" * 400, "1.5", "1e2", "1_0", "", " 5", "%00", "٣", "all", "5%0a"]
)
def test_limit_out_of_range_is_refused(api: Caller, gallery: Gallery, limit: str) -> None:
    for path in ("galleries/", f"galleries/{gallery.pk}/photos/", f"galleries/{gallery.pk}/links/"):
        answer = api.get(f"{path}?limit={quote(limit, safe='%')}")
        assert answer.status == 400
        assert answer.json["detail"] == "limit is a whole number from 1 to 200."


def cursor_of(api: Caller, path: str) -> str:
    following: str = api.get(f"{path}?limit=1").json["next"]
    return parse_qs(urlsplit(following).query)["after"][0]


def test_a_cursor_opens_only_the_list_it_was_made_for(api: Caller, gallery: Gallery, foreign: Gallery) -> None:
    second = create_gallery(gallery.studio, title="Second")
    for owner in (gallery, second, foreign):
        for n in range(2):
            new_photo(owner, rank=n)
            create_share_link(owner, label=str(n))
    cursor = cursor_of(api, f"galleries/{gallery.pk}/photos/")
    create_gallery(foreign.studio, title="More")
    other = caller_of(foreign.studio)
    refused = [
        api.get(f"galleries/?after={quote(cursor)}"),
        api.get(f"galleries/{second.pk}/photos/?after={quote(cursor)}"),
        api.get(f"galleries/{gallery.pk}/links/?after={quote(cursor)}"),
        api.get(f"galleries/?after={quote(cursor_of(other, 'galleries/'))}"),
    ]
    assert [answer.status for answer in refused] == [400] * 4
    assert api.get(f"galleries/{gallery.pk}/photos/?after={quote(cursor)}").status == 200


@pytest.mark.parametrize("made_up", ["", "x", ":", "a:b", "%00", "é:ü", "WyIwIl0:x", "x" * 5000])
def test_a_made_up_cursor_is_refused(api: Caller, gallery: Gallery, made_up: str) -> None:
    answer = api.get(f"galleries/{gallery.pk}/photos/?after={quote(made_up, safe='%')}")
    assert answer.status == 400
    assert "after is no cursor of this list" in answer.json["detail"]


def test_a_tampered_cursor_is_refused(api: Caller, gallery: Gallery) -> None:
    for n in range(3):
        new_photo(gallery, rank=n)
    path = f"galleries/{gallery.pk}/photos/"
    cursor = cursor_of(api, path)
    for position in range(0, len(cursor) - 1, 5):  # the last character's spare bits mean nothing in base64
        other = "A" if cursor[position] != "A" else "B"
        tampered = cursor[:position] + other + cursor[position + 1 :]
        assert api.get(f"{path}?after={quote(tampered)}").status == 400


@pytest.mark.parametrize(
    "query", ["limt=5", "offset=3", "limit=5&limit=6", "after=a&after=b", "%00=1", "token=loupe_x"]
)
def test_parameters_that_mean_nothing_are_refused(api: Caller, query: str) -> None:
    assert api.get(f"galleries/?{query}").status == 400


def test_single_resources_take_no_parameters(api: Caller, gallery: Gallery) -> None:
    assert "takes no parameters" in api.get(f"galleries/{gallery.pk}/?limit=5").json["detail"]
