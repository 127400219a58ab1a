"""Loupe on a primary and a replica whose replay stands still: what is late, and what never is."""

import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.db import connections, transaction
from django.db.backends.signals import connection_created
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from app.accounts.models import Studio
from app.api.models import ApiToken
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery, Photo
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink
from serverless.db.replicas import choice, statements
from tests.app.conftest import new_photo
from tests.app.pairs import make_tables, standing_in
from tests.replication import Pair
from tests.serverless.db.replicas.conftest import servers  # noqa: F401 - a fixture

pytestmark = pytest.mark.xdist_group("replicas")

# The replica stays as fresh as it was found, for as long as a test may take.
ONE_LOOK = {"SECONDS": 200, "MAX_LAG": 60, "SAMPLE_SECONDS": 60}
MODELS = ["galleries.Gallery", "galleries.Section", "galleries.Photo"]


@pytest.fixture(scope="module")
def migrated(servers: Pair, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Pair:  # noqa: F811
    """Every table, without the time that migrations take."""
    with django_db_blocker.unblock(), standing_in(servers), connections["default"].schema_editor() as editor:
        make_tables(editor)
    return servers


@pytest.fixture(autouse=True)
def pair(migrated: Pair, settings: Settings, django_db_blocker: DjangoDbBlocker) -> Iterator[Pair]:
    """The servers as "default" and its replica; each test works with a gallery of its own."""
    settings.SERVERLESS = configured.SERVERLESS | {
        "REPLICAS": {"OF": {"default": ["copy"]}, "MODELS": MODELS} | ONE_LOOK
    }
    settings.DATABASE_ROUTERS = ["serverless.db.replicas.Router"]
    settings.MIDDLEWARE = ["serverless.db.replicas.middleware.ReadYourWrites", *settings.MIDDLEWARE]
    with django_db_blocker.unblock(), standing_in(migrated):
        statements.watch()
        choice.forget()
        cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis
        yield migrated
        connection_created.disconnect(statements._watch)


@pytest.fixture
def gallery(pair: Pair) -> Gallery:
    name = uuid.uuid4().hex  # of its own, since nothing is rolled back
    return create_gallery(Studio.objects.create(slug=name, name=name), title="Ada & Charles")


@pytest.fixture
def token(pair: Pair, gallery: Gallery) -> str:
    """Of a published gallery with two photos, seen once: the replica was found fresh a moment ago."""
    for rank in (1, 2):
        new_photo(gallery, rank=rank)
    token = create_share_link(gallery, label="Them")[1]
    pair.catch_up()
    Client().get(f"/s/{token}/")
    return token


def order(client: Client, token: str) -> list[str]:
    html = client.get(f"/s/{token}/").content.decode()
    return [part.split('"')[0] for part in html.split('id="photo-')[1:]]


def turn_around(gallery: Gallery) -> list[str]:
    """Reorder the photos, as a photographer does; returns the new order."""
    first, second = Photo.objects.filter(gallery=gallery).order_by("rank")
    with transaction.atomic():
        Photo.objects.filter(pk=first.pk).update(rank=3)
        Gallery.objects.filter(pk=gallery.pk).change()
    return [str(second.pk), str(first.pk)]


def test_what_is_late_is_not_kept_as_new(pair: Pair, gallery: Gallery, token: str) -> None:
    """Rows of the replica under the primary's version would be shown for as long as the cache keeps them."""
    visitor = Client()
    before = order(visitor, token)
    with pair.paused():
        after = turn_around(gallery)
        assert order(visitor, token) == before
        assert visitor.get(f"/s/{token}/").status_code == 200
    assert order(visitor, token) == after == before[::-1]


def test_the_replica_is_what_they_are_read_from(pair: Pair, gallery: Gallery, token: str) -> None:
    """Its rows, and nobody else's: on the primary there are none any more."""
    photo = Photo.objects.filter(gallery=gallery).first()
    assert photo is not None
    api = {"Authorization": f"Bearer {ApiToken.objects.all().issue(gallery.studio, label='Test')[1]}"}
    with pair.paused():
        Photo.objects.filter(gallery=gallery).delete()
        assert len(order(Client(), token)) == 2
        assert Client().get(f"/s/{token}/{photo.pk}/").status_code == 200
        assert len(Client().get(f"/s/{token}/details/").json()) == 2
        assert len(Client().get(f"/api/v1/galleries/{gallery.pk}/photos/", headers=api).json()["data"]) == 2
        counts = Client().get(f"/s/{token}/progress/?since=2026-01-01T00:00:00Z").json()["counts"]
        assert counts["ready"] == 0, "what asks for news asks the primary"


def test_who_is_locked_out_is_locked_out_at_once(pair: Pair, gallery: Gallery, token: str) -> None:
    stored, text = ApiToken.objects.all().issue(gallery.studio, label="Test")
    pair.catch_up()
    api = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/galleries/", headers=api).status_code == 200
    with pair.paused():
        revoke_share_link(ShareLink.objects.get(gallery=gallery))
        stored.revoke()
        assert Client().get(f"/s/{token}/").status_code == 410
        assert Client().get("/api/v1/galleries/", headers=api).status_code == 401


def test_an_unpublished_gallery_is_closed_at_once(pair: Pair, gallery: Gallery, token: str) -> None:
    with pair.paused():
        Gallery.objects.filter(pk=gallery.pk).update(status="draft")
        assert Client().get(f"/s/{token}/").status_code == 404


def test_an_etag_stands_for_what_was_read_with_it(pair: Pair, gallery: Gallery, token: str) -> None:
    api = {"Authorization": f"Bearer {ApiToken.objects.all().issue(gallery.studio, label='Test')[1]}"}
    address = f"/api/v1/galleries/{gallery.pk}/photos/"
    with pair.paused():
        turn_around(gallery)
        late = Client().get(address, headers=api)
    again = Client().get(address, headers=api | {"If-None-Match": late["ETag"]})
    assert again.status_code == 200
    assert again.json() != late.json()


def test_what_was_made_a_moment_ago_is_found(pair: Pair, gallery: Gallery, token: str) -> None:
    api = {"Authorization": f"Bearer {ApiToken.objects.all().issue(gallery.studio, label='Test')[1]}"}
    with pair.paused():
        photo = new_photo(gallery, rank=9)
        assert Client().get(f"/s/{token}/{photo.pk}/").status_code == 200
        assert Client().get(f"/api/v1/photos/{photo.pk}/", headers=api).status_code == 200
        assert Client().get(f"/api/v1/photos/{gallery.pk}/", headers=api).status_code == 404
