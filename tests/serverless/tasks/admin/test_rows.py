import logging
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from serverless.ids import uuid7
from serverless.tasks import chain, group
from serverless.tasks.admin import listing
from serverless.tasks.models import TaskGroup, TaskRow
from serverless.tasks.operate.cancel import cancel
from tests.serverless.tasks.admin.people import ALL, VIEW, staff
from tests.serverless.tasks.conftest import StandIn, only_row, process
from tests.serverless.tasks.jobs import fail
from tests.serverless.tasks.policies import in_order, once, plus, total, two_a_studio
from tests.serverless.tasks.rows import dead, row

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)

LIST = "/admin/tasks/taskrow/"


def page_of(one: TaskRow) -> str:
    return reverse("admin:tasks_taskrow_change", args=[one.pk])


def listed(client: Client, **query: str) -> set[Any]:
    answer = client.get(LIST, query)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return {one.pk for one in answer.context["cl"].result_list}


def act(client: Client, name: str, *rows: TaskRow, confirmed: bool = True, **query: str) -> Any:
    chosen = {"action": name, "_selected_action": [str(one.pk) for one in rows]}
    return client.post(LIST, chosen | ({"confirmed": "yes"} if confirmed else {}), query_params=query)


@commits
def test_the_page_shows_the_traceback_of_a_run_and_escapes_it(stand_in: StandIn) -> None:
    fail.enqueue("<b>no such photo</b>")
    process(only_row())
    client = staff(*VIEW)
    page = client.get(page_of(only_row())).content.decode()
    assert "LookupError: &lt;b&gt;no such photo" in page
    assert "<b>no such photo" not in page
    assert "Waits for its retry at" in page


@pytest.mark.parametrize("chosen", ["ready", "running", "done", "dead"])
def test_the_list_is_filtered_by_state(chosen: str) -> None:
    rows = {state: row(state) for state in ("ready", "running", "done", "dead")}
    assert listed(staff(*VIEW), state=chosen) == {rows[chosen].pk}


def test_an_unknown_filter_value_shows_everything() -> None:
    one = row()
    assert listed(staff(*VIEW), state="asleep", age="never") == {one.pk}


@pytest.mark.parametrize(
    "term", ["{id}", "default:{id}", "tests.serverless.tasks.jobs.rare", "gallery-77", "GALLERY-77", "colour"]
)
def test_search_finds_ids_paths_and_arguments(term: str) -> None:
    row()
    path = "tests.serverless.tasks.jobs.rare"
    one = row("done", path=path, args=["gallery-77"], kwargs={"colour": 1})
    assert listed(staff(*VIEW), q=term.format(id=one.pk)) == {one.pk}


@pytest.mark.parametrize("term", ["%", "_", "'; --", "\0", "jobs", "01a205f3-8d2b-7fec-93c5-7cca5b28d18b", "%" * 5000])
def test_search_takes_any_text_literally(term: str) -> None:
    one = row()
    assert listed(staff(*VIEW), q=term) in (set(), {one.pk})


def test_a_filter_by_queue_task_and_age() -> None:
    client, old = staff(*VIEW), row()
    TaskRow.objects.filter(pk=old.pk).update(id="00000000-0000-7000-8000-000000000001")
    mails, new = row(queue="mails"), row(path="a.b.c")
    assert listed(client, queue="mails") == {mails.pk}
    assert listed(client, task="a.b.c") == {new.pk}
    assert listed(client, age="hour") == {mails.pk, new.pk}
    assert [str(pk) for pk in listed(client, age="over-day")] == ["00000000-0000-7000-8000-000000000001"]


def test_a_search_looks_at_the_newest_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    client = staff(*VIEW)
    old, *_ = [row(args=["x"]) for _ in range(5)]
    assert old.pk in listed(client, q='"x"')
    monkeypatch.setattr(listing, "SEARCHED", 4)
    found = listed(client, q='"x"')
    assert len(found) == 4
    assert old.pk not in found
    assert listed(client, q=str(old.pk)) == {old.pk}


def test_counting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serverless.listing.COUNTED", 3)
    for _ in range(5):
        row()
    assert staff(*VIEW).get(LIST).context["cl"].result_count == 3


def test_the_list_costs_as_many_queries_however_long_it_is() -> None:
    client = staff(*ALL)
    row()
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(20):
        dead()
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)


def test_the_page_of_each_state_says_what_happens_next() -> None:
    client = staff(*VIEW)
    later = row(due_at=timezone.now() + timedelta(hours=1), attempts=1)
    lost = row("running", age=600)
    for one, said in {
        later: "Waits for its retry at",
        row("running"): "to request-9.",
        lost: "Its lease ended without a report",
        row("done"): "it is deleted once its retention is over",
        dead(): "Dead after 5 failed attempts",
    }.items():
        assert said in client.get(page_of(one)).content.decode()


def test_a_page_shows_large_and_odd_arguments() -> None:
    one = row(args=["x" * 100_000], kwargs={"</pre><script>": [None, 1.5]})
    page = staff(*VIEW).get(page_of(one)).content.decode()
    assert "characters more" in page
    assert "&lt;/pre&gt;&lt;script&gt;" in page


def test_a_page_that_does_not_exist_leads_home() -> None:
    client = staff(*VIEW)
    assert client.get(f"{LIST}{uuid7()}/change/").status_code == HTTPStatus.FOUND
    assert client.get(f"{LIST}nonsense/change/").status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(
    ("name", "permission", "before", "after"),
    [("retry", "change_taskrow", "dead", ["ready"]), ("cancel", "change_taskrow", "ready", ["dead"]),
     ("purge", "delete_taskrow", "done", [])],
)  # fmt: skip
def test_each_action_asks_and_then_acts(
    stand_in: StandIn, name: str, permission: str, before: str, after: list[str]
) -> None:
    client, one = staff(*VIEW, permission), row(before)
    asked = act(client, name, one, confirmed=False).content.decode()
    assert f'name="action" value="{name}"' in asked
    assert str(one.pk) in asked
    assert only_row().state == before
    assert act(client, name, one).status_code == HTTPStatus.FOUND
    assert list(TaskRow.objects.values_list("state", flat=True)) == after


@pytest.mark.parametrize(("name", "before"), [("retry", "dead"), ("cancel", "ready"), ("purge", "done")])
def test_who_may_only_look_cannot_act(name: str, before: str) -> None:
    client, one = staff(*VIEW), row(before)
    act(client, name, one)
    client.post(page_of(one), {"CHANGE_FORM-action": name, "_selected_action": str(one.pk), "confirmed": "yes"})
    assert only_row().state == before
    assert "tasks-actions" not in client.get(page_of(one)).content.decode()


def test_nobody_adds_changes_or_deletes_by_a_form() -> None:
    client, one = staff(*ALL, "add_taskrow"), dead()
    assert client.post(page_of(one), {"state": "done"}).status_code == HTTPStatus.FORBIDDEN
    assert client.get(reverse("admin:tasks_taskrow_add")).status_code == HTTPStatus.FORBIDDEN
    delete = reverse("admin:tasks_taskrow_delete", args=[one.pk])
    assert client.post(delete, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert only_row().state == "dead"


@commits
def test_one_task_is_acted_on_from_its_page(stand_in: StandIn) -> None:
    client, one = staff(*ALL), dead()
    page = client.get(page_of(one)).content.decode()
    assert 'value="retry"' in page
    assert 'value="purge"' in page
    assert 'value="cancel"' not in page
    chosen = {"CHANGE_FORM-action": "retry", "_selected_action": str(one.pk)}
    asked = client.post(page_of(one), chosen).content.decode()
    assert "run again, with all attempts" in asked
    assert client.post(page_of(one), chosen | {"confirmed": "yes"}).status_code == HTTPStatus.FOUND
    assert only_row().state == "ready"
    assert stand_in.bodies() == [[str(one.pk)]]


def test_a_purged_tasks_page_is_left() -> None:
    client, one = staff(*ALL), row("done")
    chosen = {"CHANGE_FORM-action": "purge", "_selected_action": str(one.pk), "confirmed": "yes"}
    assert client.post(page_of(one), chosen).headers["Location"] == LIST
    assert not TaskRow.objects.exists()


def test_what_the_end_of_a_group_needs_is_not_purged() -> None:
    group = TaskGroup.objects.create(size=2, remaining=1)
    client, one = staff(*ALL), row("done", group=group)
    other = row("ready", group=group)
    act(client, "purge", one)
    assert TaskRow.objects.count() == 2
    TaskRow.objects.filter(pk=other.pk).update(state="done", due_at=None, wake_at=None)
    act(client, "purge", one)
    assert only_row().pk == other.pk


def test_what_runs_is_neither_cancelled_nor_purged() -> None:
    client, one = staff(*ALL), row("running")
    act(client, "cancel", one)
    act(client, "purge", one)
    assert only_row().state == "running"


@commits
def test_all_that_match_are_acted_on_in_batches_up_to_the_bound(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serverless.tasks.operate.selection.BATCH", 2)
    monkeypatch.setattr("serverless.tasks.admin.actions.COUNTED", 5)
    client, other = staff(*ALL), dead(queue="other")
    for _ in range(7):
        dead()
    chosen = {"action": "retry", "_selected_action": [str(other.pk)], "select_across": "1", "confirmed": "yes"}
    client.post(LIST, chosen, query_params={"queue": "default"})
    assert TaskRow.objects.filter(state="ready", queue="default").count() == 5
    assert TaskRow.objects.get(pk=other.pk).state == "dead"
    assert [len(bodies) for bodies in stand_in.bodies()] == [2, 2, 1]


def test_an_action_without_its_token_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    client, one = staff(*ALL, csrf=True), dead()
    with caplog.at_level(logging.CRITICAL):
        assert act(client, "retry", one).status_code == HTTPStatus.FORBIDDEN
    assert only_row().state == "dead"


def test_gets_change_nothing() -> None:
    client, one = staff(*ALL), dead()
    before = TaskRow.objects.values().get()
    for path in (LIST, page_of(one)):
        client.get(path, {"action": "retry", "_selected_action": str(one.pk), "confirmed": "yes"})
    assert TaskRow.objects.values().get() == before


def test_who_cancelled_is_told_from_who_failed(stand_in: StandIn) -> None:
    client, one = staff(*ALL), row()
    act(client, "cancel", one)
    assert "Cancelled by operator@loupe.test." in client.get(page_of(one)).content.decode()
    assert "Cancelled</span>" in client.get(LIST).content.decode()
    assert cancel([one.pk], database="default", by="x") == []


def test_the_sections_front_page_leads_to_the_dashboard() -> None:
    page = staff(*VIEW).get("/admin/tasks/").content.decode()
    assert reverse("admin:tasks_dashboard") in page
    assert reverse("admin:tasks_taskrow_changelist") in page


@commits
def test_the_page_says_whom_a_task_waits_for(stand_in: StandIn) -> None:
    for number in range(3):
        in_order.enqueue("album <7>", number)
    *_, third = TaskRow.objects.order_by("pk")
    page = staff(*VIEW).get(page_of(third)).content.decode()
    assert "Waits for 2 tasks before it in the order of album &lt;7&gt;." in page


@commits
def test_the_page_says_what_a_task_is_tied_to(stand_in: StandIn) -> None:
    chain(plus.signature(1, 2), total.signature().alone()).enqueue()
    group(plus.signature(1, 2), plus.signature(3, 4)).enqueue()
    two_a_studio.enqueue("studio 5")
    once.enqueue(1)
    first, second, _, limited, unique = TaskRow.objects.order_by("pk")
    client = staff(*VIEW)
    process(second)
    for one, words in [
        (first, "tests.serverless.tasks.policies.total"),
        (second, "1 of 2 done"),
        (limited, "Waits for a place under the limit of studio 5"),
        (unique, "policies.once"),
    ]:
        assert words in client.get(page_of(one)).content.decode()


@commits
def test_the_page_of_an_expired_task_says_so(stand_in: StandIn) -> None:
    replace(plus, expires_after=timedelta(seconds=9)).enqueue(1, 2)
    TaskRow.objects.update(expires_at=only_row().enqueued_at)
    process(only_row())
    assert "Expired before it could start" in staff(*VIEW).get(page_of(only_row())).content.decode()
