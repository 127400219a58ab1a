"""Tasks lie beside the rows that they are about, and run there."""

import json

import pytest
from django.db import transaction
from django.test import Client

from app.accounts.models import Invitation
from app.galleries.removal import delete_gallery
from app.galleries.tasks import develop_photo
from app.notifications.models import OutboxEmail
from app.sharing.models import AccessEvent
from serverless.db import shards
from serverless.tasks.models import TaskRow
from serverless.tasks.produce.message import Items
from serverless.tasks.upkeep import tick
from serverless.tasks.work import batch
from tests.app.shards.conftest import Tenant
from tests.serverless.tasks.conftest import Queue, event_for, event_of, real_queue

__all__ = ["real_queue"]

pytestmark = pytest.mark.django_db(databases=["default", "other"], transaction=True)


def test_task_runs_on_the_shard_of_its_transaction(here: Tenant, there: Tenant) -> None:
    with shards.entered(there.studio.pk):
        delete_gallery(there.gallery)
        gone = develop_photo.enqueue(str(there.photo.pk))
    assert not TaskRow.objects.using("default").exists()
    rows = list(TaskRow.objects.using("other"))
    assert {row.path.rpartition(".")[2] for row in rows} == {"delete_stored", "develop_photo"}
    assert gone.id.startswith("other:")
    assert batch.process(event_for(*rows)) == {"batchItemFailures": []}
    assert {row.state for row in TaskRow.objects.using("other")} == {"done"}


def test_last_word_of_a_dead_task_is_said_on_its_shard(there: Tenant) -> None:
    """A receiver of `task_finished` marks the photo failed: outside of the task, but not of its shard."""
    there.gallery.photos.using("other").update(state="uploaded")
    with shards.entered(there.studio.pk):
        develop_photo.enqueue(str(there.photo.pk))
    TaskRow.objects.using("other").update(attempts=99)
    batch.process(event_for(TaskRow.objects.using("other").get()))
    there.photo.refresh_from_db()
    assert (TaskRow.objects.using("other").get().state, there.photo.state) == ("dead", "failed")


def test_items_without_a_row_say_where_they_belong(
    here: Tenant, there: Tenant, client: Client, real_queue: Queue
) -> None:
    for tenant in (here, there):
        assert client.post(f"{tenant.address}opened/").status_code == 204
    bodies = real_queue.receive()
    assert {body.get("database") for body in bodies} == {None, "other"}
    batch.process(event_of(*map(json.dumps, bodies)))
    for tenant in (here, there):
        assert AccessEvent.objects.using(tenant.shard).get().link_id == tenant.link.pk


def test_items_for_a_database_that_is_none_come_back(here: Tenant) -> None:
    path = "app.sharing.tasks.record_opens"
    link = {"id": str(here.link.pk), "link": str(here.link.pk), "at": "2026-01-01T00:00:00+00:00"}
    lost = Items(path=path, backend="default", queue="default", items=[link], database="gone")
    assert batch.process(event_of(lost.dumps())) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert not AccessEvent.objects.using("default").exists()


def test_tick_wakes_every_shard(here: Tenant, there: Tenant, real_queue: Queue) -> None:
    for tenant in (here, there):
        with shards.entered(tenant.studio.pk):
            develop_photo.enqueue(str(tenant.photo.pk))
        TaskRow.objects.using(tenant.shard).update(wake_at="2020-01-01T00:00:00Z")
    real_queue.receive()
    counts = tick.run()
    assert (counts["due"], counts["sent"]) == (2, 2)
    assert {body["database"] for body in real_queue.receive()} == {"default", "other"}


def test_mail_goes_with_the_transaction_that_wants_it(there: Tenant) -> None:
    """An invitation is the directory's, though the request is settled on a shard; a share link is the shard's."""
    assert there.client.post("/studio/members/", {"email": "x@example.test", "role": "member"}).status_code == 302
    assert Invitation.objects.using("default").count() == 1
    assert (OutboxEmail.objects.using("default").count(), TaskRow.objects.using("default").count()) == (1, 1)
    data = {"label": "Them", "lock": "", "send_to": "y@example.test"}
    assert there.client.post(f"/studio/galleries/{there.gallery.pk}/links/", data).status_code == 201
    assert (OutboxEmail.objects.using("other").count(), TaskRow.objects.using("other").count()) == (1, 1)


def test_rolled_back_shard_takes_its_task_back(there: Tenant) -> None:
    with shards.entered(there.studio.pk), transaction.atomic(using="other"):
        develop_photo.enqueue(str(there.photo.pk))
        transaction.set_rollback(True, using="other")
    assert not TaskRow.objects.using("other").exists()
