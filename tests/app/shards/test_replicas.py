"""A shard with a replica of its own, whose replay stands still: what is read where, and who sees what they wrote."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from django.db.backends.signals import connection_created
from django.test import Client
from pytest_django.fixtures import Settings

from app.accounts.models import Studio
from app.galleries.models import Gallery, Photo
from app.sharing.actions import change_lock, revoke_share_link
from app.sharing.locks import Kind, hashed
from app.sharing.models import ShareLink
from serverless.db import shards
from serverless.db.replicas import choice, statements
from serverless.db.replicas.middleware import COOKIE
from tests.app.conftest import new_photo
from tests.app.pairs import make_tables, standing_in
from tests.app.shards.conftest import Tenant, new_tenant
from tests.replication import Pair
from tests.serverless.db.replicas.conftest import servers  # noqa: F401 - a fixture

pytestmark = [pytest.mark.xdist_group("replicas"), pytest.mark.django_db]


@pytest.fixture
def pair(servers: Pair, settings: Settings, db: None) -> Iterator[Pair]:  # noqa: F811
    """The servers as the shard "other" and its replica; the default database has none."""
    settings.SERVERLESS = settings.SERVERLESS | {
        "REPLICAS": {
            "OF": {"other": ["copy"]},
            "MODELS": ["galleries.Gallery", "galleries.Section", "galleries.Photo"],
            # The replica stays as fresh as it was found, for as long as a test may take.
            "SECONDS": 200, "MAX_LAG": 60, "SAMPLE_SECONDS": 60,
        }
    }  # fmt: skip
    settings.DATABASE_ROUTERS = ["serverless.db.replicas.Router", *settings.DATABASE_ROUTERS]
    private, shard, *others = settings.MIDDLEWARE
    settings.MIDDLEWARE = [private, shard, "serverless.db.replicas.middleware.ReadYourWrites", *others]
    with standing_in(servers, alias="other"):
        with connections["other"].schema_editor() as editor:
            make_tables(editor)
        statements.watch()
        choice.forget()
        cache.clear()
        yield servers
        connection_created.disconnect(statements._watch)


@pytest.fixture
def afar(pair: Pair) -> Tenant:
    """A studio on that shard, whose replica has everything and was found fresh."""
    tenant = new_tenant("afar", shard="other")
    with shards.entered(tenant.studio.pk):
        new_photo(tenant.gallery, rank=1)
    pair.catch_up()
    Client().get(tenant.address)
    return tenant


def count(client: Client, tenant: Tenant) -> int:
    page = client.get(tenant.address)
    assert page.status_code == 200
    return page.content.decode().count('id="photo-')


def test_a_shards_rows_are_read_from_its_replica(pair: Pair, afar: Tenant, here: Tenant) -> None:
    with pair.paused():
        Photo.objects.using("other").all().delete()
        assert count(Client(), afar) == 2
        listed = Client().get(f"/api/v1/galleries/{afar.gallery.pk}/photos/", headers=afar.api).json()
        assert len(listed["data"]) == 2
    # Of the other shard there is no replica, and nothing of it is looked for in this one.
    assert count(Client(), here) == 1
    assert Client().get(f"{here.address}{afar.photo.pk}/").status_code == 404


def test_who_wrote_to_the_shard_reads_it(pair: Pair, afar: Tenant) -> None:
    with shards.entered(afar.studio.pk):
        change_lock(afar.link, lock=hashed(Kind.PIN, "482913"))
    pair.catch_up()
    client = Client()
    opened = client.post(f"{afar.address}unlock/", {"secret": "482913"})  # a try is counted on the shard
    assert COOKIE in opened.cookies
    with pair.paused():
        Photo.objects.using("other").filter(pk=afar.photo.pk).delete()
        assert count(client, afar) == 1
        del client.cookies[COOKIE]  # as it is when the time is over
        assert count(client, afar) == 2


def test_who_wrote_to_the_directory_alone_has_written_to_nothing_that_is_copied(pair: Pair, afar: Tenant) -> None:
    """A database without replicas sets no cookie: what was written there is never read late."""
    answer = afar.client.post("/studio/members/", {"email": "x@example.test", "role": "member"})
    assert answer.status_code == 302
    assert COOKIE not in answer.cookies


def test_who_is_locked_out_is_locked_out_at_once(pair: Pair, afar: Tenant) -> None:
    with pair.paused():
        with shards.entered(afar.studio.pk):
            revoke_share_link(ShareLink.objects.get(pk=afar.link.pk))
        assert Client().get(afar.address).status_code == 410


def test_rows_of_the_replica_are_tied_to_rows_of_the_directory(pair: Pair, afar: Tenant) -> None:
    with shards.entered(afar.studio.pk):
        late = Gallery.objects.using("copy").get(pk=afar.gallery.pk)
        late.studio = Studio.objects.get(pk=afar.studio.pk)
        late.title = "Renamed"
        late.save()
        assert late._state.db == "other"
    assert Gallery.objects.using("other").get(pk=afar.gallery.pk).title == "Renamed"


def test_a_lost_replica_is_missed_by_nobody(pair: Pair, afar: Tenant) -> None:
    Photo.objects.using("other").filter(pk=afar.photo.pk).delete()
    choice.lose("copy", RuntimeError("away"))
    assert count(Client(), afar) == 1
