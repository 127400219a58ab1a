"""A studio, from one shard to the other and back: every row, stopped at every step, and what stands in the way."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from app.accounts.models import Studio
from app.galleries.actions import choose_cover
from app.galleries.models import Gallery, Photo
from app.galleries.tasks import develop_photo
from app.sharing import kept
from app.sharing.actions import revoke_share_link
from app.sharing.models import AccessEvent, LinkAddress, ShareLink
from serverless.db import shards
from serverless.db.shards.models import Move, Step
from serverless.db.shards.mover import give_up, move, purge
from serverless.db.shards.mover.steps import Patience
from serverless.tasks.models import TaskGroup, TaskRow
from serverless.tasks.work import batch
from tests.app.conftest import new_photo, new_section
from tests.app.shards.conftest import Tenant
from tests.serverless.tasks.conftest import Queue, event_for, event_of, real_queue

__all__ = ["real_queue"]

pytestmark = pytest.mark.django_db(databases=["default", "other"], transaction=True)

NOW = Patience(drain=0, tasks=0)
TABLES = (Gallery, Photo, ShareLink, AccessEvent)


def full(tenant: Tenant) -> Tenant:
    """Give a studio what is hard to copy: a cover (galleries and photos refer to each other), a section, odd text."""
    with shards.entered(tenant.studio.pk):
        section = new_section(tenant.gallery, "Été \\N\t\n“x”", position=1)
        for rank in range(3):
            new_photo(tenant.gallery, rank=rank, section=section, section_position=1, exif={"a": [1.5, None, "\\"]})
        choose_cover(tenant.gallery, tenant.photo.pk)
        AccessEvent.objects.create(
            studio_id=tenant.studio.pk, gallery=tenant.gallery, link=tenant.link, kind="opened", at=timezone.now()
        )
        Studio.objects.using(tenant.shard).filter(pk=tenant.studio.pk).update(used_bytes=77)
    return tenant


def rows(tenant: Tenant, alias: str) -> dict[str, list[dict[str, object]]]:
    found = {}
    for model in TABLES:
        of_studio = model._default_manager.using(alias).filter(studio_id=tenant.studio.pk)
        found[model.__name__] = list(of_studio.order_by("pk").values())
    return found


def go(tenant: Tenant, to: str, say: Callable[[str], object] = lambda _: None) -> None:
    move(tenant.studio.pk, to=to, patience=NOW, say=say)


def elsewhere(act: Callable[[], object]) -> None:
    """Do something as another process would, with connections of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


@pytest.mark.parametrize(("origin", "to"), [("here", "other"), ("there", "default")])
def test_studio_moves_with_every_row(request: pytest.FixtureRequest, origin: str, to: str, client: Client) -> None:
    tenant: Tenant = full(request.getfixturevalue(origin))
    neighbour: Tenant = request.getfixturevalue("there" if origin == "here" else "here")
    before, untouched = rows(tenant, tenant.shard), rows(neighbour, neighbour.shard)
    said: list[str] = []
    go(tenant, to, said.append)
    assert rows(tenant, to) == before
    assert tenant.used_bytes(to) == 77
    assert rows(tenant, tenant.shard) == before  # until they are purged
    moved = Studio.objects.get(pk=tenant.studio.pk)
    assert (moved.shard, moved.moving_since) == (to, None)
    assert any("8 rows are equal" in line for line in said)
    purge(tenant.studio.pk, anyway=False, say=said.append)
    assert not any(rows(tenant, tenant.shard).values())
    assert rows(neighbour, neighbour.shard) == untouched
    assert tenant.gallery.title in tenant.client.get("/studio/").content.decode()
    assert client.get(tenant.address).status_code == 200
    assert client.get(f"/api/v1/photos/{tenant.photo.pk}/", headers=tenant.api).status_code == 200
    assert tenant.client.post("/studio/galleries/", {"title": "Later", "theme": "auto"}).status_code == 302
    assert Gallery.objects.using(to).filter(title="Later").exists()
    assert Move.objects.get().step == Step.PURGED


def test_said_twice_it_moves_once(here: Tenant) -> None:
    for _ in range(2):
        go(here, "other")
    said: list[str] = []
    purge(here.studio.pk, anyway=False, say=said.append)
    go(here, "other", said.append)
    assert said[-1] == "It is on 'other' already."
    assert Move.objects.count() == 1
    with pytest.raises(shards.MoveRefused, match="no old rows"):
        purge(here.studio.pk, anyway=False, say=said.append)


def test_stopped_at_each_step_it_goes_on(here: Tenant) -> None:
    """Ctrl-C comes at every line that is printed, in turn; each try gets one line further."""
    before = rows(full(here), "default")
    with shards.entered(here.studio.pk):
        develop_photo.enqueue(str(here.photo.pk))
    for stops_at in range(1, 40):
        heard: list[str] = []

        def say(line: str, *, heard: list[str] = heard, last: int = stops_at) -> None:
            heard.append(line)
            if len(heard) == last:
                raise KeyboardInterrupt

        try:
            go(here, "other", say)
        except KeyboardInterrupt:
            assert Studio.objects.get(pk=here.studio.pk).moving_since or "Open on" in heard[-1]
            continue
        break
    assert stops_at > 5
    assert rows(here, "other") == before
    studio = Studio.objects.get(pk=here.studio.pk)
    assert (studio.shard, studio.moving_since) == ("other", None)
    assert [row.state for row in TaskRow.objects.using("other")] == ["ready"]
    assert not TaskRow.objects.using("default").exists()


@pytest.mark.parametrize("line", ["galleries_photo", "Comparing", "Switched"])
def test_killed_it_goes_on(here: Tenant, line: str) -> None:
    """SIGKILL, in a process of its own: amid the copy, after it, and right after the switch."""
    before = rows(full(here), "default")
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(here.studio.pk), line],
        env=os.environ | {"DATABASE_SHARD_URLS": "other=" + _url("other"), "DATABASE_URL": _url("default")},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert Studio.objects.get(pk=here.studio.pk).moving_since
    go(here, "other")
    assert rows(here, "other") == before
    assert Move.objects.get().step == Step.OPENED


_KILLED = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings.base"
import django
django.setup()
from serverless.db.shards.mover import move
from serverless.db.shards.mover.steps import Patience
def say(line):
    if sys.argv[2] in line:
        os.kill(os.getpid(), signal.SIGKILL)
from django.conf import settings
settings.SERVERLESS["SHARDS"]["SECONDS"] = 0
move(sys.argv[1], to="other", patience=Patience(drain=0, tasks=0), say=say)
"""


def _url(alias: str) -> str:
    given = connections[alias].settings_dict
    return f"postgresql://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def test_who_writes_after_the_copy_is_found_out(here: Tenant) -> None:
    def write(line: str) -> None:
        if line.startswith("Comparing"):
            elsewhere(lambda: Photo.objects.using("default").filter(pk=here.photo.pk).update(rank=5))

    with pytest.raises(shards.MoveRefused, match=rf"galleries_photo {here.photo.pk}"):
        go(here, "other", write)
    assert Studio.objects.get(pk=here.studio.pk).shard == "default"
    go(here, "other")  # copied anew
    assert Photo.objects.using("other").get().rank == 5


def test_who_writes_to_the_old_rows_after_the_switch_is_found_out(here: Tenant) -> None:
    go(here, "other")
    Photo.objects.using("default").filter(pk=here.photo.pk).update(rank=5)
    with pytest.raises(shards.MoveRefused, match="galleries_photo"):
        purge(here.studio.pk, anyway=False, say=str)
    purge(here.studio.pk, anyway=True, say=str)
    assert not Photo.objects.using("default").exists()
    assert Photo.objects.using("other").get().rank == 0


def test_rows_of_a_try_before_are_replaced(here: Tenant) -> None:
    """What a copy left that was given up by hand, or of which the rows are gone since."""

    def stop(line: str) -> None:
        if line.startswith("Comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(here, "other", stop)
    Photo.objects.using("default").filter(pk=here.photo.pk).delete()
    go(here, "other")
    assert not Photo.objects.using("other").exists()


def test_given_up_it_stays_and_is_open(here: Tenant) -> None:
    def stop(line: str) -> None:
        if line.startswith("Comparing"):
            raise KeyboardInterrupt

    with shards.entered(here.studio.pk):
        develop_photo.enqueue(str(here.photo.pk))
    with pytest.raises(KeyboardInterrupt):
        go(here, "other", stop)
    give_up(here.studio.pk, say=str)
    studio = Studio.objects.get(pk=here.studio.pk)
    assert (studio.shard, studio.moving_since) == ("default", None)
    assert not Studio.objects.using("other").exists()
    assert not Photo.objects.using("other").exists()
    assert batch.process(event_for(TaskRow.objects.using("default").get())) == {"batchItemFailures": []}
    assert TaskRow.objects.using("default").get().state == "done"
    go(here, "other")
    with pytest.raises(shards.MoveRefused, match="only goes forward"):
        give_up(here.studio.pk, say=str)


def test_its_tasks_come_along_and_keep_their_time(here: Tenant, there: Tenant) -> None:
    later = timezone.now() + timedelta(days=1)
    with shards.using("default"):
        now = develop_photo.enqueue(str(here.photo.pk))
        waiting = develop_photo.using(run_after=later).enqueue(photo_id=str(here.photo.pk))
        foreign = develop_photo.enqueue(str(there.photo.pk))
    go(here, "other")
    assert [f"default:{row.pk}" for row in TaskRow.objects.using("default")] == [foreign.id]
    due = {f"default:{row.pk}": row.due_at for row in TaskRow.objects.using("other")}
    assert due.keys() == {now.id, waiting.id}
    assert due[waiting.id] == later
    row = TaskRow.objects.using("other").get(pk=now.id.partition(":")[2])
    assert row.wake_at is not None
    assert row.wake_at <= timezone.now()
    batch.process(event_for(row))
    row.refresh_from_db()
    assert row.state == "done"


def test_a_task_that_runs_is_waited_for(here: Tenant) -> None:
    with shards.entered(here.studio.pk):
        develop_photo.enqueue(str(here.photo.pk))
    TaskRow.objects.using("default").update(state="running")
    with pytest.raises(shards.MoveRefused, match="1 of its tasks still run"):
        go(here, "other")
    assert Studio.objects.get(pk=here.studio.pk).shard == "default"
    TaskRow.objects.using("default").update(state="done", due_at=None, wake_at=None, finished_at=timezone.now())
    go(here, "other")
    assert Studio.objects.get(pk=here.studio.pk).shard == "other"


def test_a_task_of_a_group_is_waited_for(here: Tenant) -> None:
    with shards.entered(here.studio.pk):
        develop_photo.enqueue(str(here.photo.pk))
    group = TaskGroup.objects.using("default").create(size=1, remaining=1)
    TaskRow.objects.using("default").update(group=group)
    with pytest.raises(shards.MoveRefused, match="group"):
        go(here, "other")


def test_what_was_written_down_of_the_studio_meanwhile_arrives(here: Tenant) -> None:
    def rename(line: str) -> None:
        if "Switched" in line:
            Studio.objects.filter(pk=here.studio.pk).update(name="Meanwhile")

    go(here, "other", rename)
    assert Studio.objects.using("other").get().name == "Meanwhile"


def test_known_links_are_found_without_the_old_rows(here: Tenant) -> None:
    assert not LinkAddress.objects.exists()
    go(here, "other")
    assert LinkAddress.objects.get().studio_id == here.studio.pk


@pytest.mark.parametrize("line", ["Copying", "Comparing"])
def test_one_at_a_time(here: Tenant, line: str) -> None:
    """Another process, a thread with connections of its own here, is refused whatever it wants."""
    refused: list[str] = []

    def interfere() -> None:
        with pytest.raises(shards.MoveRefused, match="right now, by another process"):
            go(here, "other")
        refused.append("move")
        with pytest.raises(shards.MoveRefused, match="right now, by another process"):
            give_up(here.studio.pk, say=str)
        refused.append("open")

    def again(said: str) -> None:
        if said.startswith(line):
            elsewhere(interfere)

    go(here, "other", again)
    assert refused == ["move", "open"]
    assert Move.objects.get().step == Step.OPENED


def test_whoever_was_overtaken_does_nothing(here: Tenant) -> None:
    """Two wait for those who still write; the second finds the rows switched, and people writing to them."""

    def overtaken(line: str) -> None:
        if line.startswith("Waiting for 1 of its tasks"):
            TaskRow.objects.using("default").update(state="done", due_at=None, wake_at=None)
            go(here, "other")
            Photo.objects.using("other").filter(pk=here.photo.pk).update(rank=5)

    with shards.entered(here.studio.pk):
        develop_photo.enqueue(str(here.photo.pk))
    TaskRow.objects.using("default").update(state="running")
    with pytest.raises(shards.MoveRefused, match="Another process went on"):
        move(here.studio.pk, to="other", patience=Patience(drain=0, tasks=5), say=overtaken)
    assert Photo.objects.using("other").get().rank == 5


@pytest.mark.parametrize("change", ["other there", "lacking there", "too many there"])
def test_a_copy_that_is_not_the_same_is_refused(here: Tenant, there: Tenant, change: str) -> None:
    """Whatever the reason: a disk, a trigger, somebody's hand."""
    full(here)

    def spoil(line: str) -> None:
        if not line.startswith("Comparing"):
            return
        photos = Photo.objects.using("other").filter(studio_id=here.studio.pk)
        if change == "other there":
            photos.filter(pk=here.photo.pk).update(exif={"a": 1})
        elif change == "lacking there":
            photos.exclude(pk=here.photo.pk).first().delete()  # type: ignore[union-attr]
        else:
            with shards.using("other"):
                new_photo(Gallery.objects.get(pk=here.gallery.pk), rank=9)

    with pytest.raises(shards.MoveRefused, match=r"These rows differ: .*galleries_photo .*Nothing was switched"):
        go(here, "other", spoil)
    studio = Studio.objects.get(pk=here.studio.pk)
    assert (studio.shard, studio.moving_since is None) == ("default", False)
    before = rows(here, "default")
    go(here, "other")  # copied anew
    assert rows(here, "other") == before


def test_a_column_that_the_models_do_not_know_is_not_lost(here: Tenant) -> None:
    with connections["other"].cursor() as cursor:
        cursor.execute("ALTER TABLE galleries_photo ADD COLUMN newer integer")
    try:
        with pytest.raises(shards.MoveRefused, match=r"'other' have other columns \(galleries_photo\.newer\)"):
            go(here, "other")
    finally:
        with connections["other"].cursor() as cursor:
            cursor.execute("ALTER TABLE galleries_photo DROP COLUMN newer")
    assert not Move.objects.exists()


def test_a_link_that_was_kept_is_of_its_shard(here: Tenant, client: Client) -> None:
    """Found, kept, moved: what is shown and what is closed is what the new shard has."""
    assert client.get(here.address).status_code == 200
    assert client.get(here.address).status_code == 200  # as it was kept
    go(here, "other")
    for _ in range(2):  # as it was kept before the move, for the same version, and as it is kept here
        with shards.entered(here.studio.pk):
            link, _state = kept.find(here.address.split("/")[2], inside=lambda _: True)
            assert link is not None
            assert (link._state.db, link.gallery._state.db) == ("other", "other")
            assert link.wrong_tries == 0  # what is not kept is fetched where the link is
    Gallery.objects.using("default").filter(pk=here.gallery.pk).update(title="As it was")
    Gallery.objects.using("other").filter(pk=here.gallery.pk).update(title="As it is")
    page = client.get(here.address).content.decode()
    assert "As it is" in page
    assert "As it was" not in page
    assert "As it is" in client.get(here.address).content.decode()  # as it was kept anew
    with shards.entered(here.studio.pk):
        revoke_share_link(ShareLink.objects.get(pk=here.link.pk))
    assert client.get(here.address).status_code == 410
    purge(here.studio.pk, anyway=True, say=str)
    go(here, "default")
    assert client.get(here.address).status_code == 410


def test_etags_hold_across_a_move_and_no_longer(here: Tenant, client: Client) -> None:
    address = f"/api/v1/galleries/{here.gallery.pk}/photos/"
    etag = client.get(address, headers=here.api)["ETag"]
    go(here, "other")
    known = here.api | {"If-None-Match": etag}
    assert client.get(address, headers=known).status_code == 304
    with shards.entered(here.studio.pk):
        Gallery.objects.filter(pk=here.gallery.pk).update(title="Other")  # the trigger of its shard raises the version
    assert Gallery.objects.using("other").get().version == here.gallery.version + 1
    answer = client.get(address, headers=known)
    assert (answer.status_code, answer["ETag"] == etag) == (200, False)


def test_openings_follow_the_studio(here: Tenant, client: Client, real_queue: Queue) -> None:
    """Their messages have no row that a move could take along: they wait while it lasts, and land where it is then."""
    assert client.post(f"{here.address}opened/").status_code == 204
    (body,) = real_queue.receive()
    event = event_of(json.dumps(body))
    delivered: list[object] = []

    def deliver(line: str) -> None:
        if line.startswith("Comparing"):
            elsewhere(lambda: delivered.append(batch.process(event)))

    go(here, "other", deliver)
    assert delivered == [{"batchItemFailures": [{"itemIdentifier": "m0"}]}]
    purge(here.studio.pk, anyway=False, say=str)
    assert batch.process(event) == {"batchItemFailures": []}
    assert AccessEvent.objects.using("other").get().link_id == here.link.pk
    assert not AccessEvent.objects.using("default").exists()


def test_a_studio_that_is_deleted_takes_its_old_rows_along(here: Tenant, there: Tenant) -> None:
    go(here, "other")
    go(there, "default")
    for tenant in (here, there):
        Studio.objects.get(pk=tenant.studio.pk).delete()
        for alias in ("default", "other"):
            assert not any(rows(tenant, alias).values())
            assert not Studio.objects.using(alias).filter(pk=tenant.studio.pk).exists()
    assert set(Move.objects.values_list("step", flat=True)) == {Step.PURGED}


def test_a_studio_that_moves_is_not_deleted(here: Tenant) -> None:
    Studio.objects.filter(pk=here.studio.pk).update(moving_since=timezone.now())
    with pytest.raises(shards.ShardClosed):
        here.studio.delete()
    assert Gallery.objects.using("default").exists()


def test_refusals(here: Tenant) -> None:
    with pytest.raises(shards.ShardError, match="'nowhere' is no shard"):
        go(here, "nowhere")
    with pytest.raises(shards.UnknownKey):
        move("no id", to="other", patience=NOW, say=str)
    with connections["other"].cursor() as cursor, transaction.atomic(using="other"):
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('galleries', '9999_later', now())")
    try:
        with pytest.raises(shards.MoveRefused, match=r"galleries\.9999_later.*shards migrate"):
            go(here, "other")
    finally:
        with connections["other"].cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    assert not Move.objects.exists()
    go(here, "other")
    with pytest.raises(shards.MoveRefused, match="shards purge first"):
        go(here, "default")


def test_it_waits_for_those_who_still_write(here: Tenant, settings: Settings) -> None:
    settings.SERVERLESS = settings.SERVERLESS | {"SHARDS": settings.SERVERLESS["SHARDS"] | {"SECONDS": 0.2}}
    said: list[str] = []
    move(here.studio.pk, to="other", patience=Patience(drain=0.3, tasks=0), say=said.append)
    move_made = Move.objects.get()
    assert move_made.switched_at is not None
    assert move_made.switched_at - move_made.closed_at >= timedelta(seconds=0.5)
    assert [line for line in said if line.startswith("Waiting")] == [
        "Waiting 0 s for who still writes …", "Waiting 0 s for who still looks at the old rows …",
    ]  # fmt: skip


def test_commands(here: Tenant, there: Tenant) -> None:
    out = io.StringIO()
    call_command("shards", "list", stdout=out)
    call_command("shards", "move", "here", "--to", "other", "--drain", "0", stdout=out)
    call_command("shards", "list", stdout=out)
    call_command("shards", "purge", str(here.studio.pk), stdout=out)
    text = out.getvalue()
    assert text.startswith("default: 1 keys\nother: 1 keys\nClosed for writing on 'default'.")
    assert "default: 0 keys\nother: 2 keys" in text
    assert "default -> other, moved; the old rows are still there" in text
    for wrong in (["move", "nobody", "--to", "other"], ["move", "there", "--to", "x"], ["open", "there"]):
        with pytest.raises(CommandError):
            call_command("shards", *wrong, stdout=out)


def test_commands_without_shards(settings: Settings) -> None:
    settings.SERVERLESS = {name: value for name, value in settings.SERVERLESS.items() if name != "SHARDS"}
    call_command("shards", "migrate")
    with pytest.raises(CommandError, match="no shards"):
        call_command("shards", "list")
