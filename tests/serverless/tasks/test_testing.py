import pytest
from django.db import transaction
from django.tasks import task_backends
from pytest_django.fixtures import Settings

from serverless.tasks import chain, group, testing
from serverless.tasks.backend import SQSBackend
from serverless.tasks.testing import captured_tasks
from tests.serverless.tasks.conftest import StandIn
from tests.serverless.tasks.jobs import add, attempt
from tests.serverless.tasks.policies import effects, hopeless, plus, total, write, write_at_the_end


def test_what_is_enqueued_is_captured_in_order() -> None:
    with captured_tasks() as tasks:
        plus.enqueue(1, b=2)
        add.enqueue(5)
        plus.enqueue(3, 4)
        assert len(tasks) == 3
        assert tasks.of(plus) == [([1], {"b": 2}), ([3, 4], {})]
        assert [result.task.name for result in tasks.results] == ["plus", "add", "plus"]


@pytest.mark.django_db
def test_it_runs_when_asked_with_what_it_enqueues() -> None:
    with captured_tasks() as tasks:
        write.enqueue("anna", then="follow")
        assert effects() == []
        assert tasks.run() == ["anna", 3]
        assert effects() == ["anna"]
        assert len(tasks) == 0


@pytest.mark.django_db
def test_it_runs_what_one_backends_task_enqueues_on_another(settings: Settings) -> None:
    settings.TASKS = {alias: {"BACKEND": testing.DUMMY} for alias in ("default", "second")}
    with captured_tasks() as tasks:
        write.using(backend="second").enqueue("anna", then="follow")
        assert tasks.run() == ["anna", 3]


def test_what_a_task_raises_is_raised() -> None:
    with captured_tasks() as tasks:
        hopeless.enqueue("key")
        with pytest.raises(KeyError):
            tasks.run()


@pytest.mark.django_db
def test_contexts_chains_and_groups() -> None:
    with captured_tasks() as tasks:
        attempt.enqueue("text")
        write_at_the_end.enqueue("anna")
        chain(plus.signature(1, 2), plus.signature(10)).enqueue()
        group(plus.signature(1, 1), plus.signature(2, 2), then=total.signature()).enqueue()
        values = tasks.run()
    assert values[0][:2] == ["text", 0]
    assert values[2:] == [3, 2, 4, 13, 6]
    assert effects() == ["anna"]


@pytest.mark.django_db(transaction=True)
def test_the_settings_come_back(stand_in: StandIn) -> None:
    with captured_tasks(), transaction.atomic():
        plus.enqueue(1, 2)
    assert isinstance(task_backends["default"], SQSBackend)
    assert stand_in.requests == []
