import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import connections, router, transaction
from django.http import HttpRequest
from django.utils import timezone
from pytest_django.fixtures import Settings

from serverless.db.replicas import note_write, primary_of, using_primary, using_replicas
from serverless.db.replicas.visit import visiting
from serverless.tasks.models import Pause, TaskGroup, TaskRow
from tests.replication import Pair
from tests.serverless.db.replicas.conftest import REPLICAS
from tests.serverless.db.replicas.requests import Viewer, add, names

pytestmark = pytest.mark.xdist_group("replicas")


@pytest.fixture(autouse=True)
def rows(pair: Pair) -> None:
    Pause.objects.create(name="a", by="", reason="")
    pair.catch_up()


def read(_request: HttpRequest) -> str | None:
    return Pause.objects.get(name="a")._state.db


def member_of(group: TaskGroup) -> TaskRow:
    now = timezone.now()
    return TaskRow(path="a", backend="default", queue="default", group=group, enqueued_at=now, due_at=now, wake_at=now)


allowed = using_replicas()(read)


def run[T](serving: Coroutine[Any, Any, T]) -> T:
    """Run it, and close what its thread of synchronous code has connected."""

    async def main() -> T:
        try:
            return await serving
        finally:
            await sync_to_async(connections.close_all)()

    return asyncio.run(main())


def test_a_get_of_what_allows_it_reads_from_the_replica() -> None:
    assert Viewer().get(allowed) == "copy"
    assert Viewer().get(allowed, method="HEAD") == "copy"


def test_nothing_else_does() -> None:
    viewer = Viewer()
    assert viewer.get(read) == "pair", "nobody allowed it"
    assert viewer.post(allowed) == "pair", "it is about to write"
    assert allowed(HttpRequest()) == "pair", "a task, a command: no request"
    assert viewer.get(using_replicas()(lambda _: router.db_for_read(Session))) == "pair", "the model is not named"
    assert viewer.get(using_replicas()(using_primary()(read))) == "pair"
    assert viewer.get(using_primary()(allowed)) == "pair", "the outer one holds"


def test_it_does_again_after_an_exception_left_the_block() -> None:
    def view(request: HttpRequest) -> list[str | None]:
        with pytest.raises(ZeroDivisionError), using_primary():
            raise ZeroDivisionError
        with using_replicas():
            inside = read(request)
        return [inside, read(request)]

    assert Viewer().get(view) == ["copy", "pair"]


@using_replicas()
def in_transaction(request: HttpRequest) -> list[str | None]:
    with transaction.atomic(using="pair"):
        inside = read(request)
    connections["pair"].set_autocommit(False)
    by_hand = read(request)
    connections["pair"].rollback()
    connections["pair"].set_autocommit(True)
    return [inside, by_hand, read(request)]


def test_a_transaction_reads_what_it_works_on() -> None:
    assert Viewer().get(in_transaction) == ["pair", "pair", "copy"]


@using_replicas()
def after_a_write(request: HttpRequest) -> list[str | None]:
    before = read(request)
    with connections["pair"].cursor() as cursor:
        cursor.execute("UPDATE tasks_pause SET reason = 'raw' WHERE name = 'a'")
    return [before, read(request)]


def test_a_request_that_wrote_reads_from_the_primary_even_if_it_wrote_by_hand() -> None:
    assert Viewer().get(after_a_write) == ["copy", "pair"]


@using_replicas()
def after_a_copy(request: HttpRequest) -> str | None:
    note_write()
    return read(request)


def test_a_write_that_nobody_sees_can_be_said() -> None:
    viewer = Viewer()
    assert viewer.get(after_a_copy) == "pair"
    assert viewer.get(allowed) == "pair", "and is remembered"


@using_replicas()
def stale_row(_request: HttpRequest) -> Pause:
    return Pause.objects.get(name="a")


def test_a_row_of_the_replica_is_saved_deleted_and_locked_on_the_primary(pair: Pair) -> None:
    row = Viewer().get(stale_row)
    assert row._state.db == "copy"
    row.reason = "saved"
    row.save()
    assert (row._state.db, pair.ask("primary", "SELECT reason FROM tasks_pause")) == ("pair", "saved")

    @using_replicas()
    def lock(_: HttpRequest) -> list[str | None]:
        with transaction.atomic(using="pair"):
            locked = Pause.objects.select_for_update().get(name="a")
        made, _created = Pause.objects.get_or_create(name="a")
        return [locked._state.db, made._state.db]

    assert Viewer().get(lock) == ["pair", "pair"]
    pair.catch_up()
    Viewer().get(stale_row).delete()
    assert pair.ask("primary", "SELECT count(*) FROM tasks_pause") == 0


def test_rows_of_both_servers_may_refer_to_each_other_and_read_on_where_they_may(pair: Pair) -> None:
    group = TaskGroup.objects.create(size=1, remaining=1)
    member_of(group).save()
    pair.catch_up()

    @using_replicas()
    def relate(_: HttpRequest) -> list[Any]:
        stale, (member,) = TaskGroup.objects.get(), TaskRow.objects.select_related("group")
        (fetched,) = TaskGroup.objects.prefetch_related("members")
        with using_primary():
            fresh = TaskGroup.objects.get()
            on = [row._state.db for row in stale.members.all()]
        fresh_member = member_of(stale)
        member.group = fresh
        return [
            stale._state.db,
            member._state.db,
            fetched.members.all()[0]._state.db,
            fresh._state.db,
            on,
            fresh_member,
        ]

    stale, member, fetched, fresh, on, made = Viewer().get(relate)
    assert (stale, member, fetched, fresh) == ("copy", "copy", "copy", "pair")
    assert on == ["pair"], "using_primary() holds for what hangs off a row of the replica"
    made.save()
    assert made._state.db == "pair"


def test_rows_of_other_databases_are_left_to_the_other_routers(settings: Settings) -> None:
    ours, theirs = Pause(name="a"), Pause(name="b")
    ours._state.db, theirs._state.db = "copy", "other"
    assert router.allow_relation(ours, theirs) is False
    ours._state.db = "other"
    assert router.allow_relation(ours, theirs) is True
    assert (primary_of("copy"), primary_of("other")) == ("pair", "other")


def test_nothing_is_migrated_on_a_replica() -> None:
    assert not router.allow_migrate("copy", "tasks")
    assert router.allow_migrate("pair", "tasks")


def test_the_other_routers_say_whose_the_rows_are(settings: Settings) -> None:
    """No router but ours: Django's own default, and a row's own database."""
    settings.DATABASE_ROUTERS = ["serverless.db.replicas.Router"]
    assert router.db_for_read(Pause) == router.db_for_write(Pause) == "default"
    row = Pause(name="a")
    row._state.db = "copy"
    assert router.db_for_read(Pause, instance=row) == router.db_for_write(Pause, instance=row) == "pair"


def test_without_replicas_the_others_decide_alone(settings: Settings) -> None:
    settings.SERVERLESS = {}
    with visiting(pinned=False), using_replicas():
        assert router.db_for_read(Pause) == "pair"


def test_one_request_reads_from_one_replica(pair: Pair, settings: Settings) -> None:
    """Another may be further behind, and a version read first must not be newer than what is kept under it."""
    connections.settings["copy2"] = dict(connections.settings["copy"])
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"OF": {"pair": ["copy", "copy2"]}}}
    random.seed(1)  # which replica is taken is left to chance
    try:

        @using_replicas()
        def view(request: HttpRequest) -> set[str | None]:
            seen = set()
            for _ in range(3):
                seen.add(read(request))
                connections["copy"].close()
                connections["copy2"].close()
            return seen

        chosen = [Viewer().get(view) for _ in range(8)]
    finally:
        connections["copy2"].close()
        del connections["copy2"], connections.settings["copy2"]
    assert all(len(seen) == 1 for seen in chosen)
    assert {alias for seen in chosen for alias in seen} == {"copy", "copy2"}, "chance spreads them"


def test_coroutines_keep_their_own_source() -> None:
    at_once = asyncio.Event()

    @using_replicas()
    async def from_replica() -> str | None:
        await at_once.wait()
        return await sync_to_async(read)(HttpRequest())

    @using_primary()
    async def from_primary() -> str | None:
        at_once.set()
        return await sync_to_async(read)(HttpRequest())

    async def both() -> list[str | None]:
        with visiting(pinned=False):
            return list(await asyncio.gather(from_replica(), from_primary()))

    assert run(both()) == ["copy", "pair"]


def test_a_write_of_one_coroutine_is_known_to_all() -> None:
    async def write() -> None:
        await sync_to_async(add("b"))(HttpRequest())

    async def both() -> Any:
        with visiting(pinned=False):
            await asyncio.create_task(write())
            return await sync_to_async(names)(HttpRequest())

    assert run(both()) == (["a", "b"], {"pair"})


def test_an_asynchronous_iteration_asks_again_where_it_may_connect() -> None:
    @using_replicas()
    async def iterate() -> list[str | None]:
        return [row._state.db async for row in Pause.objects.all()]

    async def serve() -> list[str | None]:
        with visiting(pinned=False):
            return await iterate()

    assert run(serve()) == ["copy"]


def test_generators_are_refused() -> None:
    def generate() -> Any:
        yield 1

    with pytest.raises(TypeError, match="use with inside"):
        using_primary()(generate)
