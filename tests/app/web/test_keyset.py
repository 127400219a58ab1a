"""The order of a list with equal values, walked from both ends; the lists of the product are tested where they are."""

from datetime import UTC, datetime

import pytest
from django.http import Http404, QueryDict

from app.accounts.models import Studio
from app.galleries.models import Gallery
from app.web.keyset import NEWEST_FIRST, Keyset, Part, part_of

pytestmark = pytest.mark.django_db

SALT = "tests"
BY_TITLE = Keyset(fields=("title",))


@pytest.fixture
def titles(studio: Studio) -> list[str]:
    """Seven galleries of one moment, so that only their ids tell them apart."""
    for n in range(7):
        Gallery.objects.create(studio=studio, title=f"{n % 3}", slug=f"g{n}")
    Gallery.objects.update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    return [gallery.slug for gallery in Gallery.objects.order_by("-created_at", "-id")]


def part(keyset: Keyset = NEWEST_FIRST, *, size: int = 3, **query: str) -> Part[Gallery]:
    given = QueryDict(mutable=True)
    given.update(query)
    return part_of(Gallery.objects.all(), keyset, given, size=size, salt=SALT)


def slugs(found: Part[Gallery]) -> list[str]:
    return [gallery.slug for gallery in found.rows]


def test_walk_forth_and_back_meets_every_row_once(titles: list[str]) -> None:
    first = part()
    second = part(after=first.after)
    third = part(after=second.after)
    assert slugs(first) + slugs(second) + slugs(third) == titles
    assert (first.before, third.after) == ("", "")
    assert slugs(part(before=third.before)) == slugs(second)
    back = part(before=second.before)
    assert (slugs(back), back.before, bool(back.after)) == (slugs(first), "", True)


def test_ascending_order_with_equal_values(titles: list[str]) -> None:
    first = part(BY_TITLE, size=4)
    second = part(BY_TITLE, size=4, after=first.after)
    together = [(gallery.title, gallery.pk) for gallery in first.rows + second.rows]
    assert together == sorted(together)
    assert len(together) == 7


def test_rows_that_go_or_come_move_no_page(titles: list[str], studio: Studio) -> None:
    first = part()
    expected = slugs(part(after=first.after))
    Gallery.objects.filter(slug=titles[2]).delete()  # the one that the cursor names
    Gallery.objects.create(studio=studio, title="new", slug="new")
    assert slugs(part(after=first.after)) == expected


def test_list_that_fits_has_no_ways(titles: list[str]) -> None:
    found = part(size=7)
    assert (len(found.rows), found.before, found.after) == (7, "", "")


def test_nothing_behind_the_end() -> None:
    assert part() == Part(rows=[], before="", after="")


@pytest.mark.parametrize("cursor", ["x", "W10:abc", "\0", "é", "a" * 5000])
def test_made_up_cursor_begins_nowhere(titles: list[str], cursor: str) -> None:
    with pytest.raises(Http404):
        part(after=cursor)
    with pytest.raises(Http404):
        part(before=cursor)


def test_cursor_of_another_order_or_list_begins_nowhere(titles: list[str]) -> None:
    mine = part().after
    with pytest.raises(Http404):
        part_of(Gallery.objects.all(), NEWEST_FIRST, QueryDict(f"after={mine}"), size=3, salt="another")
    with pytest.raises(Http404):
        part(Keyset(fields=("title", "slug")), after=mine)
    with pytest.raises(Http404):
        part(after=mine, before=mine)
