import time
from copy import deepcopy
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.accounts.models import Studio
from app.galleries.actions import change_gallery, create_gallery
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, revoke_share_link
from tests.app.api.conftest import Caller, caller_of
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def lists(gallery: Gallery) -> dict[str, int]:
    """Each list, and how many questions its version is, the token's included."""
    for n in range(3):
        new_photo(gallery, rank=n)
        create_share_link(gallery, label=str(n))
    return {"galleries/": 2, f"galleries/{gallery.pk}/photos/": 2, f"galleries/{gallery.pk}/links/": 2}


def test_a_page_is_made_once(
    api: Caller, lists: dict[str, int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for path, queries in lists.items():
        for page in (path, f"{path}?limit=2"):
            with django_assert_num_queries(queries + 1):
                first = api.get(page)
            with django_assert_num_queries(queries):
                again = api.get(page)
            assert (again.content, again.headers) == (first.content, first.headers)
            with django_assert_num_queries(queries):
                assert api.get(page, If_None_Match=first.headers["ETag"]).status == 304


def test_pages_of_a_list_are_kept_apart(api: Caller, lists: dict[str, int]) -> None:
    for _ in range(2):
        first = api.get(f"{[*lists][1]}?limit=2")
        rest = api.get(first.json["next"].partition("/api/v1/")[2])
        assert [len(page.json["data"]) for page in (first, rest)] == [2, 1]
        assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
        assert "Link" not in rest.headers


def test_studios_never_share_a_page(studio: Studio, foreign: Gallery) -> None:
    """Two that have nothing have the same version; what one got is not looked for under the other's name."""
    foreign.delete()
    callers = [caller_of(one) for one in (studio, foreign.studio)]
    assert len({caller.get("galleries/").headers["ETag"] for caller in callers}) == 1
    create_gallery(foreign.studio, title="Theirs")
    for caller, titles in zip(callers * 2, [[], ["Theirs"]] * 2, strict=True):
        assert [one["title"] for one in caller.get("galleries/").json["data"]] == titles


def test_galleries_follow_every_change(api: Caller, studio: Studio, gallery: Gallery) -> None:
    def titles() -> list[str]:
        etag = api.get("galleries/").headers["ETag"]
        assert api.get("galleries/", If_None_Match=etag).status == 304
        return [one["title"] for one in api.get("galleries/").json["data"]]

    assert titles() == ["Ada & Charles"]
    change_gallery(gallery, title="Ada", event_date=None, client="", theme="auto")
    assert titles() == ["Ada"]
    Gallery.objects.filter(pk=gallery.pk).update(title="By hand")
    assert titles() == ["By hand"]
    other = create_gallery(studio, title="Other")
    assert titles() == ["Other", "By hand"]
    # One goes and another comes, with the same version: the sum of the versions would be the same.
    Gallery.objects.filter(pk=other.pk).delete()
    create_gallery(studio, title="Another")
    assert titles() == ["Another", "By hand"]
    new_photo(gallery)
    Gallery.objects.filter(pk=gallery.pk).change()
    assert api.get("galleries/").json["data"][1]["photo_count"] == 1


def test_links_follow_every_change_and_the_clock(api: Caller, gallery: Gallery) -> None:
    def states() -> list[str]:
        return [one["state"] for one in api.get(f"galleries/{gallery.pk}/links/").json["data"]]

    link, _ = create_share_link(gallery, label="A")
    assert states() == ["open"]
    soon = timezone.now() + timedelta(seconds=0.4)
    create_share_link(gallery, label="B", expires_at=soon)
    assert states()[1] == "open"
    time.sleep(max(0.0, (soon - timezone.now()).total_seconds()) + 0.01)
    assert states() == ["expired", "open"]
    revoke_share_link(link)
    assert states() == ["expired", "revoked"]


def test_refusals_are_not_kept(api: Caller, lists: dict[str, int]) -> None:
    for _ in range(2):
        for path in lists:
            for query in ("limit=0", "limit=x", "after=x", "after=", "nothing=1", "limit=1&limit=2"):
                assert api.get(f"{path}?{query}").status == 400, (path, query)


def test_lists_are_made_without_the_cache(api: Caller, lists: dict[str, int], settings: Settings) -> None:
    def found() -> list[list[str]]:
        return [[one["id"] for one in api.get(path).json["data"]] for path in lists]

    expected = found()
    changed = deepcopy(settings.CACHES)
    changed["default"]["LOCATION"] = "redis://127.0.0.1:9/0"
    settings.CACHES = changed
    assert cache.get("x") is None
    assert found() == expected
