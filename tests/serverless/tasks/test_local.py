"""The same tasks without a queue."""

from typing import Any

import pytest
from django.db import transaction
from django.tasks import TaskResultStatus, task_backends
from django.tasks.exceptions import InvalidTask
from pytest_django.fixtures import Settings

from serverless.tasks import chain, group, local
from tests.serverless.tasks import jobs
from tests.serverless.tasks.policies import (
    effects,
    hopeless,
    latest,
    opened,
    plus,
    told,
    total,
    write,
    write_at_the_end,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def immediate(settings: Settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "serverless.tasks.local.ImmediateBackend"}}


@pytest.fixture
def dummy(settings: Settings) -> local.DummyBackend:
    settings.TASKS = {"default": {"BACKEND": "serverless.tasks.local.DummyBackend"}}
    backend = task_backends["default"]
    assert isinstance(backend, local.DummyBackend)
    return backend


def test_a_task_runs_where_it_is_enqueued(immediate: None) -> None:
    assert plus.enqueue(1, 2).return_value == 3
    assert [result.return_value for result in plus.enqueue_many([((1, 2), {}), ((3, 4), {})])] == [3, 7]
    assert latest.enqueue("g1", note="a").return_value == "a"
    opened.enqueue([{"photo": 1}])
    assert jobs.calls[-1] == [{"photo": 1}]


def test_what_it_raises_is_its_failure(immediate: None) -> None:
    result = hopeless.enqueue("key")
    assert result.status == TaskResultStatus.FAILED
    assert result.errors[0].exception_class is KeyError


def test_a_task_that_finishes_may_be_enqueued_in_a_transaction(immediate: None) -> None:
    with transaction.atomic():
        assert write_at_the_end.enqueue("anna").status == TaskResultStatus.SUCCESSFUL
    assert effects() == ["anna"]


def test_one_transaction_holds_here_too(immediate: None) -> None:
    assert write.enqueue("anna", then="fail").status == TaskResultStatus.FAILED
    assert effects() == []
    write.enqueue("ben")
    assert effects() == ["ben"]


def test_a_context_has_what_a_workers_has(immediate: None) -> None:
    assert told.enqueue().return_value is None
    assert write_at_the_end.enqueue("anna").status == TaskResultStatus.SUCCESSFUL
    assert effects() == ["anna"]
    assert write_at_the_end.enqueue("ben", then="fail inside").status == TaskResultStatus.FAILED
    assert effects() == ["anna"]


def test_chains_and_groups_run(immediate: None) -> None:
    chain(plus.signature(1, 2), plus.signature(10), write.signature()).enqueue()
    chain(plus.signature(1, 2), write.signature("alone").alone()).enqueue()
    assert effects() == ["13", "alone"]
    results = group(
        plus.signature(1, 2), plus.signature(3, 4), then=chain(total.signature(), write.signature())
    ).enqueue()
    assert [result.return_value for result in results] == [3, 7]
    assert effects() == ["13", "alone", "10"]


def test_a_chain_ends_with_a_failure(immediate: None) -> None:
    assert chain(hopeless.signature("key"), write.signature()).enqueue().status == TaskResultStatus.FAILED
    group(plus.signature(1, 2), hopeless.signature("key"), then=write.signature()).enqueue()
    assert effects() == []


@pytest.mark.parametrize("backend", ["ImmediateBackend", "DummyBackend"])
def test_options_are_looked_at(settings: Settings, backend: str) -> None:
    settings.TASKS = {"default": {"BACKEND": f"serverless.tasks.local.{backend}"}}
    made: Any = task_backends["default"].task_class
    with pytest.raises(InvalidTask, match="rate"):
        made(func=plus.func, rate="often")


def test_a_dummy_records(dummy: local.DummyBackend) -> None:
    plus.enqueue_many([((1, 2), {}), ((3, 4), {})])
    assert [result.args for result in dummy.results] == [[1, 2], [3, 4]]
    assert effects() == []
