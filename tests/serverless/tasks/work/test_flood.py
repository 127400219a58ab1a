"""Tasks without a row: sent with the commit, taken in batches by one call."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist
from django.utils import timezone, translation

from serverless.deadline import Deadline
from serverless.tasks import UnstorableValue, WrongDatabase
from serverless.tasks.models import TaskRow
from serverless.tasks.work import batch
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import Queue, StandIn, event_of, unavailable
from tests.serverless.tasks.policies import opened, opened_by_a_coroutine, opened_in_german, opened_slowly

pytestmark = pytest.mark.django_db(transaction=True)


def bodies(stand_in: StandIn) -> list[str]:
    return [entry["MessageBody"] for request in stand_in.requests for entry in request["Entries"]]


def deliver(*messages: str, deadline: Deadline | None = None) -> list[str]:
    answer = batch.process(event_of(*messages), deadline=deadline)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_items_are_sent_without_a_row_and_taken_by_one_call(
    stand_in: StandIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(0):
        opened.enqueue([{"photo": 1}])
        opened.enqueue([{"photo": 2}, {"photo": 3}])
        assert deliver(*bodies(stand_in)) == []
    assert jobs.calls == [[{"photo": 1}, {"photo": 2}, {"photo": 3}]]
    assert TaskRow.objects.count() == 0


def test_through_a_real_queue(real_queue: Queue) -> None:
    opened.enqueue([{"photo": 1}])
    assert real_queue.drain() == {"batchItemFailures": []}
    assert jobs.calls == [[{"photo": 1}]]


def test_they_leave_with_the_commit_or_not_at_all(stand_in: StandIn) -> None:
    with transaction.atomic():
        opened.enqueue([{"photo": 1}])
        assert stand_in.requests == []
    assert len(stand_in.requests) == 1

    def enqueue_and_fail() -> None:
        with transaction.atomic():
            opened.enqueue([{"photo": 2}])
            raise LookupError

    with pytest.raises(LookupError):
        enqueue_and_fail()
    assert len(stand_in.requests) == 1


def test_a_send_that_fails_is_logged_and_forgotten(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    stand_in.answers = [unavailable]
    opened.enqueue([{"secret": "word"}])
    assert "items lost" in caplog.text
    assert "word" not in caplog.text


def test_a_flood_is_split_as_sqs_takes_it(stand_in: StandIn) -> None:
    item = {"text": "x" * 60_000}
    opened.enqueue([dict(item) for _ in range(30)])
    sizes = [sum(len(entry["MessageBody"]) for entry in request["Entries"]) for request in stand_in.requests]
    assert all(size <= 1024 * 1024 for size in sizes)
    assert sum(len(json.loads(body)["items"]) for body in bodies(stand_in)) == 30
    assert max(len(body) for body in bodies(stand_in)) <= 256 * 1024


def test_a_bad_item_keeps_only_its_own_message(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    events: list[dict[str, Any]] = [{"photo": 1}, {"bad": True}, {"photo": 2}]
    for event in events:
        opened.enqueue([event])
    assert deliver(*bodies(stand_in)) == ["m1"]
    assert jobs.calls == [
        [{"photo": 1}, {"bad": True}, {"photo": 2}],
        [{"photo": 1}],
        [{"bad": True}],
        [{"photo": 2}],
    ]
    assert "items not taken" in caplog.text


@pytest.mark.parametrize("name", ["gone", "total"])
def test_what_is_no_such_task_is_delivered_again(stand_in: StandIn, name: str) -> None:
    opened.enqueue([{"photo": 1}])
    assert deliver(bodies(stand_in)[0].replace("policies.opened", f"policies.{name}")) == ["m0"]
    assert jobs.calls == []


@pytest.mark.parametrize(
    "change",
    [{"items": {}}, {"path": 1}, {"backend": None}, {"queue": []}, {"more": 1}],
    ids=str,
)
def test_a_malformed_message_goes_on_to_the_dead_letter_queue(stand_in: StandIn, change: dict[str, Any]) -> None:
    opened.enqueue([{"photo": 1}])
    assert deliver(json.dumps(json.loads(bodies(stand_in)[0]) | change)) == ["m0"]
    assert jobs.calls == []


def test_it_is_interrupted_at_its_timeout(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    opened_slowly.enqueue([1])
    deadline = Deadline()
    try:
        with caplog.at_level(logging.ERROR):
            assert deliver(*bodies(stand_in), deadline=deadline) == ["m0"]
    finally:
        deadline.close()
    assert "DeadlineExceeded" in caplog.text


def test_a_coroutine_ends_with_its_time(stand_in: StandIn) -> None:
    opened_by_a_coroutine.enqueue([1])
    deadline = Deadline()
    try:
        assert deliver(*bodies(stand_in), deadline=deadline) == ["m0"]
    finally:
        deadline.close()
    assert jobs.calls == ["began", "cancelled"]


def test_its_language_is_not_the_next_ones(stand_in: StandIn) -> None:
    opened_in_german.enqueue([1])
    before = translation.get_language()
    assert deliver(*bodies(stand_in)) == []
    assert translation.get_language() == before != "de"


def test_a_start_to_come_is_kept_by_sqs(stand_in: StandIn) -> None:
    opened.using(run_after=timezone.now() + timedelta(seconds=60)).enqueue([{}])
    assert stand_in.delays()[0] in {59, 60}
    with pytest.raises(InvalidTask, match="900 s"):
        opened.using(run_after=timezone.now() + timedelta(hours=1)).enqueue([{}])


@pytest.mark.parametrize("call", [((), {}), (({},), {}), (([], []), {}), (([],), {"more": 1})])
def test_what_is_not_one_list_is_refused(stand_in: StandIn, call: tuple[Any, Any]) -> None:
    with pytest.raises(InvalidTask, match="one list of items"):
        opened.enqueue(*call[0], **call[1])


def test_items_that_are_not_json_or_too_large_are_refused(stand_in: StandIn) -> None:
    with pytest.raises(UnstorableValue):
        opened.enqueue([{"photo": object()}])
    with pytest.raises(UnstorableValue, match="250,000"):
        opened.enqueue([{"text": "x" * 250_000}])
    assert stand_in.requests == []


def test_there_is_no_result(stand_in: StandIn) -> None:
    result = opened.enqueue([{}])
    with pytest.raises(TaskResultDoesNotExist):
        opened.get_result(result.id)


@pytest.mark.parametrize(
    "options", [{"unique": "drop"}, {"atomic": True}, {"max_attempts": 9}, {"priority": 5}, {"rate": "1/s"}]
)
def test_options_that_need_a_row_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidTask, match="durable=False"):
        replace(opened, **options)


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_a_transaction_of_another_database_refuses_the_items(stand_in: StandIn) -> None:
    with pytest.raises(WrongDatabase), transaction.atomic(using="other"):
        opened.enqueue([{}])
    assert stand_in.requests == []
