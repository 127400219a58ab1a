"""Two studios on two shards, through real requests by each way in: pages, the API, share links."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from app.accounts.models import Studio
from app.galleries.models import Gallery, Photo
from app.sharing.actions import change_lock
from app.sharing.locks import Kind, hashed
from app.sharing.models import LinkAddress, ShareLink
from serverless.db import shards
from tests.app.shards.conftest import Tenant

pytestmark = pytest.mark.django_db(databases=["default", "other"])


def test_rows_lie_where_their_studio_is(here: Tenant, there: Tenant) -> None:
    for tenant, elsewhere in ((here, "other"), (there, "default")):
        for model in (Gallery, Photo, ShareLink):
            rows = model._default_manager
            assert rows.using(tenant.shard).filter(studio_id=tenant.studio.pk).count() == 1
            assert not rows.using(elsewhere).filter(studio_id=tenant.studio.pk).exists()


def test_members_see_and_change_their_own(here: Tenant, there: Tenant) -> None:
    for tenant, other in ((here, there), (there, here)):
        page = tenant.client.get("/studio/").content.decode()
        assert tenant.gallery.title in page
        assert other.gallery.title not in page
        assert tenant.client.get(f"/studio/galleries/{tenant.gallery.pk}/").status_code == 200
        assert tenant.client.get(f"/studio/galleries/{other.gallery.pk}/").status_code == 404
        made = tenant.client.post("/studio/galleries/", {"title": "Made here", "theme": "auto"})
        assert made.status_code == 302
        assert Gallery.objects.using(tenant.shard).get(title="Made here").studio_id == tenant.studio.pk
        Gallery.objects.using(tenant.shard).filter(title="Made here").delete()


def test_api_reads_the_shard_of_its_token(here: Tenant, there: Tenant, client: Client) -> None:
    for tenant, other in ((here, there), (there, here)):
        listed = client.get("/api/v1/galleries/", headers=tenant.api).json()
        assert [gallery["id"] for gallery in listed["data"]] == [str(tenant.gallery.pk)]
        assert client.get(f"/api/v1/photos/{tenant.photo.pk}/", headers=tenant.api).status_code == 200
        assert client.get(f"/api/v1/photos/{other.photo.pk}/", headers=tenant.api).status_code == 404


def test_share_links_open_the_gallery_of_their_shard(here: Tenant, there: Tenant, client: Client) -> None:
    for tenant, other in ((here, there), (there, here)):
        page = client.get(tenant.address)
        assert page.status_code == 200
        assert tenant.gallery.title in page.content.decode()
        assert client.get(f"{tenant.address}{tenant.photo.pk}/").status_code == 200
        assert client.get(f"{tenant.address}{other.photo.pk}/").status_code == 404
    assert client.get("/s/unknown/").status_code == 404
    # Only what the default database does not have itself is noted there.
    assert list(LinkAddress.objects.values_list("token_hash", flat=True)) == [there.link.token_hash]


def test_link_of_a_deleted_studio_is_unknown(there: Tenant, client: Client) -> None:
    assert client.get(there.address).status_code == 200  # and remembered
    there.studio.delete()
    assert client.get(there.address).status_code == 404


def test_pin_is_counted_beside_the_link(there: Tenant, client: Client) -> None:
    with shards.entered(there.studio.pk):
        change_lock(there.link, lock=hashed(Kind.PIN, "482913"))
    assert client.get(there.address).status_code == 403
    assert client.post(f"{there.address}unlock/", {"secret": "000001"}).status_code == 422
    assert ShareLink.objects.using("other").get(pk=there.link.pk).wrong_tries == 1
    assert client.post(f"{there.address}unlock/", {"secret": "482913"}).status_code == 302
    assert client.get(there.address).status_code == 200


def test_room_is_counted_on_the_shard(there: Tenant) -> None:
    body = json.dumps([{"name": "a.jpg", "size": 9, "type": "image/jpeg", "sha256": "1" * 64}])
    signed = there.client.post(f"/studio/galleries/{there.gallery.pk}/uploads/", body, content_type="application/json")
    (entry,) = signed.json()["files"]
    assert there.client.post(entry["confirm"]).status_code == 202
    assert (there.used_bytes("other"), there.used_bytes("default")) == (9, 0)
    # The panel reads what the shard counts.
    Studio.objects.using("other").filter(pk=there.studio.pk).update(quota_bytes=9 + 4 * 2**20)
    assert "4.0\xa0MB left" in there.client.get(f"/studio/galleries/{there.gallery.pk}/").content.decode()
    with shards.entered(there.studio.pk):
        Photo.objects.get(pk=entry["photo"]).delete()
    assert there.used_bytes("other") == 0


def test_what_people_change_reaches_the_shard(there: Tenant, client: Client) -> None:
    there.studio.name = "Renamed"
    there.studio.save()
    assert Studio.objects.using("other").get().name == "Renamed"
    assert "Renamed" in client.get(there.address).content.decode()


def test_a_shard_without_the_studios_row_gets_it(here: Tenant) -> None:
    Studio.objects.filter(pk=here.studio.pk).update(shard="other")  # behind everybody's back
    assert here.client.get("/studio/").status_code == 200
    assert Studio.objects.using("other").get().name == here.studio.name


def test_deleted_studio_leaves_nothing_on_its_shard(here: Tenant, there: Tenant) -> None:
    there.studio.delete()
    for model in (Studio, Gallery, Photo, ShareLink):
        assert not model._default_manager.using("other").exists()
    assert Gallery.objects.using("default").get() == here.gallery
    assert not LinkAddress.objects.exists()


def test_new_studio_goes_where_the_fewest_are(here: Tenant, client: Client) -> None:
    data = {"email": "new@example.test", "password": "correct horse battery", "studio_name": "New"}
    assert client.post("/sign-up/", data).status_code == 302
    assert Studio.objects.get(name="New").shard == "other"


def test_closed_studio_can_be_looked_at_and_says_so_to_who_writes(here: Tenant, there: Tenant, client: Client) -> None:
    for tenant, other in ((here, there), (there, here)):
        Studio.objects.filter(pk=tenant.studio.pk).update(moving_since=timezone.now())
        for reader, path in ((tenant.client, "/studio/"), (client, tenant.address)):
            assert reader.get(path).status_code == 200
        refused = tenant.client.post("/studio/galleries/", {"title": "Not kept", "theme": "auto"})
        assert refused.status_code == 423
        assert int(refused["Retry-After"]) > 0
        assert refused["Cache-Control"] == "private, no-store"
        assert "moving house" in refused.content.decode()
        assert client.post(f"{tenant.address}opened/").status_code == 423
        # Those who look go on looking: what lends them the files for longer writes nothing.
        assert client.post(f"{tenant.address}renew/").status_code == 204
        assert tenant.client.post("/studio/files/").status_code == 204
        said = tenant.client.post("/studio/galleries/", headers={"Accept": "application/json"})
        assert (said.status_code, "error" in said.json()) == (423, True)
        assert not Gallery.objects.using(tenant.shard).filter(title="Not kept").exists()
        # For it alone; and nobody is held in it.
        assert other.client.post("/studio/galleries/", {"title": "Kept", "theme": "auto"}).status_code == 302
        assert tenant.client.post(f"/studio/{tenant.studio.pk}/open/").status_code == 302
        Studio.objects.filter(pk=tenant.studio.pk).update(moving_since=None)


def test_from_a_studio_whose_shard_is_away_people_go_on_to_another(here: Tenant, there: Tenant, client: Client) -> None:
    """And what lies elsewhere is not asked for it: neither links, nor other studios."""
    there.studio.memberships.create(user=here.member)
    assert here.client.post(f"/studio/{there.studio.pk}/open/").status_code == 302
    with away("other"):
        with pytest.raises(OperationalError):
            here.client.get("/studio/")
        with pytest.raises(OperationalError):
            client.get(there.address)
        assert client.get(here.address).status_code == 200
        assert client.get("/s/unknown/").status_code == 404
        assert here.client.post(f"/studio/{here.studio.pk}/open/").status_code == 302
        assert here.client.get("/studio/").status_code == 200


@contextmanager
def away(alias: str) -> Iterator[None]:
    """Have nothing of a database answered."""

    def refuse(*_: object) -> None:
        raise OperationalError("away")

    with connections[alias].execute_wrapper(refuse):
        yield


def test_photographer_with_two_studios_changes_between_shards(here: Tenant, there: Tenant) -> None:
    there.studio.memberships.create(user=here.member)
    assert here.client.post(f"/studio/{there.studio.pk}/open/").status_code == 302
    page = here.client.get("/studio/").content.decode()
    assert there.gallery.title in page
    assert here.gallery.title not in page
