from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.accounts.models import Studio
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink
from tests.app.api.conftest import Caller, caller_of
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db

UNKNOWN = "01940000-0000-7000-8000-000000000000"


def test_gallery_says_all_that_the_document_promises(api: Caller, studio: Studio) -> None:
    gallery = create_gallery(studio, title="<Åsa> & Ben", event_date=date(2026, 6, 20))
    new_photo(gallery)
    new_photo(gallery, state="uploaded")
    assert api.get(f"galleries/{gallery.pk}/").json == {
        "id": str(gallery.pk),
        "slug": "asa-ben",
        "title": "<Åsa> & Ben",
        "event_date": "2026-06-20",
        "status": "draft",
        "photo_count": 1,
        "version": 1,
        "created_at": gallery.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def test_photo_has_absolute_addresses_of_its_renditions(api: Caller, gallery: Gallery, settings: Settings) -> None:
    taken = datetime(2026, 6, 20, 14, 30, 0, 120_000, tzinfo=UTC)
    photo = new_photo(gallery, filename="<b>.jpg", taken_at=taken)
    found = api.get(f"photos/{photo.pk}/").json
    assert found["gallery_id"] == str(gallery.pk)
    assert found["filename"] == "<b>.jpg"
    assert found["taken_at"] == "2026-06-20T14:30:00.120000Z"
    assert (found["width"], found["height"], found["sha256"]) == (1500, 1000, photo.sha256)
    assert [(r["format"], r["width"]) for r in found["renditions"]] == [
        ("avif", 480), ("avif", 1280), ("jpeg", 480), ("jpeg", 1280), ("webp", 480), ("webp", 1280),
    ]  # fmt: skip
    address, _, query = found["renditions"][0]["url"].partition("?")
    assert address == f"{settings.SITE_URL}/media/{gallery.studio_id}/{gallery.pk}/{photo.pk}/r/480.avif"
    assert {name for name, _ in parse_qsl(query)} == {"Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"}
    assert {r["url"].partition("?")[2] for r in found["renditions"]} == {query}


def test_photos_come_as_the_gallery_shows_them_and_only_those_that_can_be_shown(api: Caller, gallery: Gallery) -> None:
    later, sooner = new_photo(gallery, rank=2), new_photo(gallery, rank=1)
    for state in ("pending", "uploaded", "failed"):
        hidden = new_photo(gallery, state=state)
        assert api.get(f"photos/{hidden.pk}/").status == 404
    assert [p["id"] for p in api.get(f"galleries/{gallery.pk}/photos/").json["data"]] == [
        str(sooner.pk), str(later.pk),
    ]  # fmt: skip


def test_links_say_their_state_and_never_their_secret(api: Caller, gallery: Gallery) -> None:
    _, secret = create_share_link(gallery, label="Open")
    revoked, _ = create_share_link(gallery, label="Revoked", expires_at=timezone.now() + timedelta(days=1))
    revoke_share_link(revoked)
    expired, _ = create_share_link(gallery, label="Expired", expires_at=timezone.now() + timedelta(days=1))
    ShareLink.objects.filter(pk=expired.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )
    answer = api.get(f"galleries/{gallery.pk}/links/")
    assert {link["label"]: link["state"] for link in answer.json["data"]} == {
        "Open": "open", "Revoked": "revoked", "Expired": "expired",
    }  # fmt: skip
    assert secret.encode() not in answer.content
    for link in ShareLink.objects.all():
        assert link.token_hash.encode() not in answer.content


def test_galleries_come_newest_first(api: Caller, studio: Studio) -> None:
    for title in ("First", "Second"):
        create_gallery(studio, title=title)
    Gallery.objects.filter(title="First").update(created_at=timezone.now() - timedelta(days=1))
    assert [g["title"] for g in api.get("galleries/").json["data"]] == ["Second", "First"]


def test_a_studio_never_sees_another(api: Caller, gallery: Gallery, foreign: Gallery) -> None:
    mine, theirs = new_photo(gallery), new_photo(foreign)
    create_share_link(foreign, label="Theirs")
    other = caller_of(foreign.studio)
    for path, known_to, unknown_to in (
        (f"galleries/{gallery.pk}/", api, other),
        (f"galleries/{gallery.pk}/photos/", api, other),
        (f"galleries/{gallery.pk}/links/", api, other),
        (f"photos/{mine.pk}/", api, other),
        (f"galleries/{foreign.pk}/", other, api),
        (f"galleries/{foreign.pk}/photos/", other, api),
        (f"galleries/{foreign.pk}/links/", other, api),
        (f"photos/{theirs.pk}/", other, api),
    ):
        known = known_to.get(path)
        assert known.status == 200, path
        refused = unknown_to.get(path, If_None_Match=known.headers["ETag"])
        assert refused.status == 404, path
        # Not even that it exists: the words are those for an id that nobody has.
        nothing = unknown_to.get(path.replace(path.split("/")[1], UNKNOWN))
        assert refused.json["detail"] == nothing.json["detail"]
    assert [g["id"] for g in api.get("galleries/").json["data"]] == [str(gallery.pk)]
    assert [g["id"] for g in other.get("galleries/").json["data"]] == [str(foreign.pk)]


@pytest.mark.parametrize("count", [3, 30])
def test_every_endpoint_asks_a_fixed_number_of_questions(
    api: Caller, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for n in range(count):
        photo = new_photo(gallery, rank=n)
        new_photo(create_gallery(gallery.studio, title=str(n)))
        create_share_link(gallery, label=str(n))
    expected: dict[str, Any] = {  # the token with its studio, and:
        "galleries/?limit=200": 3,  # their fingerprint, galleries
        f"galleries/{gallery.pk}/": 2,  # gallery
        f"galleries/{gallery.pk}/photos/?limit=200": 3,  # gallery, photos
        f"galleries/{gallery.pk}/links/?limit=200": 3,  # gallery, links
        f"photos/{photo.pk}/": 2,  # photo with its gallery
    }
    for path, queries in expected.items():
        with django_assert_num_queries(queries):
            answer = api.get(path)
        assert answer.status == 200
        if "limit" in path:
            assert len(answer.json["data"]) >= count
    path = f"galleries/{gallery.pk}/photos/?limit=200"
    etag = api.get(path).headers["ETag"]
    with django_assert_num_queries(2):  # who knows the photos already costs no look at them
        assert api.get(path, If_None_Match=etag).status == 304
