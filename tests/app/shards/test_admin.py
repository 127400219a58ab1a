"""The admin shows one shard at a time, and which one is chosen in any list."""

from typing import ClassVar

import pytest
from django.contrib.admin import site
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from app.accounts.admin import StudioAdmin
from app.accounts.models import Studio, User
from app.galleries.models import Gallery
from app.galleries.tasks import develop_photo
from serverless.db import shards
from serverless.db.shards.models import Move
from tests.app.shards.conftest import Tenant

pytestmark = pytest.mark.django_db(databases=["default", "other"])

LIST = "/admin/galleries/gallery/"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@example.test", "right"))
    return client


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response
    return str(response.content.decode())


def test_list_offers_the_shards_and_keeps_the_choice(admin: Client, here: Tenant, there: Tenant) -> None:
    first = text(admin, LIST)
    assert here.gallery.title in first
    assert there.gallery.title not in first
    assert '<a href="?_shard=other">other</a>' in first
    chosen = admin.get(f"{LIST}?_shard=other&q=Gallery")
    assert (chosen.status_code, chosen["Location"]) == (302, f"{LIST}?q=Gallery")
    second = text(admin, LIST)
    assert there.gallery.title in second
    assert there.studio.name in second  # joined with the shard's own row of it
    assert here.gallery.title not in second
    for path in ("galleries/photo/", "sharing/sharelink/", "reports/report/", "notifications/outboxemail/"):
        assert "?_shard=default" in text(admin, f"/admin/{path}")
    assert admin.get(f"{LIST}?_shard=nowhere")["Location"] == LIST
    assert there.gallery.title in text(admin, LIST)
    admin.get(f"{LIST}?_shard=default")
    assert here.gallery.title in text(admin, LIST)


def test_pages_of_a_row_are_its_shards(admin: Client, here: Tenant, there: Tenant) -> None:
    admin.get(f"{LIST}?_shard=other")
    page = f"{LIST}{there.gallery.pk}/change/"
    assert there.gallery.title in text(admin, page)
    assert admin.get(f"{LIST}{here.gallery.pk}/change/").status_code == 302  # Django says so: not there
    data = {"title": "Changed", "theme": "auto", "status": "draft", "client": "", "event_date": ""}
    assert admin.post(page, data).status_code == 302
    changed = Gallery.objects.using("other").get()
    assert (changed.title, changed.version) == ("Changed", there.gallery.version + 1)
    assert admin.post(f"{LIST}{there.gallery.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Gallery.objects.using("other").exists()


def test_a_row_can_only_be_given_to_a_studio_of_the_shard(admin: Client, here: Tenant, there: Tenant) -> None:
    admin.get(f"{LIST}?_shard=other")
    data = {"slug": "new", "title": "New", "theme": "auto", "status": "draft"}
    refused = admin.post(f"{LIST}add/", data | {"studio": str(here.studio.pk)})
    assert refused.status_code == 200
    assert "Select a valid choice" in refused.content.decode()
    assert admin.post(f"{LIST}add/", data | {"studio": str(there.studio.pk)}).status_code == 302
    assert Gallery.objects.using("other").get(title="New").studio_id == there.studio.pk


def test_tasks_are_those_of_the_shard(admin: Client, here: Tenant, there: Tenant) -> None:
    with shards.entered(there.studio.pk):
        develop_photo.enqueue(str(there.photo.pk))
    assert "develop_photo" not in text(admin, "/admin/tasks/taskrow/").partition("changelist-form")[2]
    admin.get("/admin/tasks/taskrow/?_shard=other")
    assert "develop_photo" in text(admin, "/admin/tasks/taskrow/").partition("changelist-form")[2]


def test_studios_say_where_they_are(admin: Client, here: Tenant, there: Tenant) -> None:
    assert '<div class="readonly">other</div>' in text(admin, f"/admin/accounts/studio/{there.studio.pk}/change/")
    data = {"name": "Third", "slug": "third", "quota_bytes": "1"} | {
        f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")
    }
    here.studio.delete()
    assert admin.post("/admin/accounts/studio/add/", data).status_code == 302
    assert Studio.objects.get(slug="third").shard == "default"


def test_studio_that_moves_is_not_deleted(admin: Client, there: Tenant) -> None:
    Studio.objects.update(moving_since="2026-01-01T00:00:00Z")
    path = f"/admin/accounts/studio/{there.studio.pk}/delete/"
    assert "which is being moved" in text(admin, path)
    admin.post(path, {"post": "yes"})
    assert Studio.objects.using("other").exists()


def test_moves_can_be_looked_at(admin: Client) -> None:
    move = Move.objects.create(key="k-1", source="default", target="other")
    assert "k-1" in text(admin, "/admin/shards/move/")
    assert admin.post(f"/admin/shards/move/{move.pk}/change/", {"step": "opened"}).status_code == 403


def test_who_may_not_see_the_admin_chooses_nothing(here: Tenant) -> None:
    here.client.get(f"{LIST}?_shard=other")
    assert "_shard" not in here.client.session


def test_nobody_changes_rows_of_a_shard_that_a_studio_leaves_or_enters(
    admin: Client, here: Tenant, there: Tenant
) -> None:
    data = {"title": "Changed", "theme": "auto", "status": "draft", "client": "", "event_date": ""}
    page = f"{LIST}{here.gallery.pk}/change/"
    moving = Move.objects.create(key=str(there.studio.pk), source="other", target="default")
    for path, sent in (
        (page, data),
        (f"{LIST}{here.gallery.pk}/delete/", {"post": "yes"}),
        (LIST, {"action": "delete_selected", "_selected_action": [str(here.gallery.pk)], "post": "yes"}),
        ("/admin/tasks/taskrow/", {"action": "retry", "_selected_action": []}),
    ):
        refused = admin.post(path, sent)
        assert (refused.status_code, refused["Retry-After"]) == (423, "60")
    assert here.gallery.title in text(admin, page)  # for looking
    moving.step = "opened"
    moving.save()
    assert admin.post(page, data).status_code == 302
    assert Gallery.objects.using("default").get().title == "Changed"


def test_a_studio_that_was_moved_meanwhile_stays_there(admin: Client, here: Tenant) -> None:
    """The form was read before the switch, and is saved after it."""

    class Form:
        changed_data: ClassVar = ["name"]

    stale = Studio.objects.get(pk=here.studio.pk)
    Studio.objects.filter(pk=here.studio.pk).update(shard="other", moving_since=timezone.now())
    stale.name = "Renamed"
    StudioAdmin(Studio, site).save_model(HttpRequest(), stale, Form(), True)
    now = Studio.objects.get(pk=here.studio.pk)
    assert (now.name, now.shard, now.moving_since is None) == ("Renamed", "other", False)
    assert Studio.objects.using("other").get().name == "Renamed"
