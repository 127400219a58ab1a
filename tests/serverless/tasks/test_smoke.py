import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.tasks import default_task_backend
from django.utils import timezone
from pytest_django.fixtures import Settings

from serverless.tasks.models import State, TaskRow
from serverless.tasks.upkeep import tick
from serverless.tasks.work import batch, pausing
from tests.serverless.tasks.conftest import Queue, event_of, let_pass, only_row
from tests.serverless.tasks.run import run_python

NOBODY = "01890000-0000-7000-8000-000000000000"

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def smoke(*words: str) -> Any:
    out = StringIO()
    call_command("smoke", *words, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE", "20261123-061502-1a2b3c4")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")


def test_its_message_wakes_the_worker_that_is_handed_it_and_no_other(real_queue: Queue) -> None:
    made = smoke("enqueue")
    row = only_row()
    assert made == {
        "task": f"default:{row.pk}",
        "database": "default",
        "message": json.dumps({"task": str(row.pk), "database": "default"}),
        "paused": False,
    }
    tick.run()
    assert real_queue.receive() == []
    assert batch.process(event_of(made["message"])) == {"batchItemFailures": []}
    assert smoke("finished", made["task"]) == {"release": "20261123-061502-1a2b3c4", "version": "7"}
    assert default_task_backend.get_result(made["task"]).is_finished


def test_what_a_release_left_behind_is_done_in_the_end(real_queue: Queue) -> None:
    made = smoke("enqueue")
    let_pass(timedelta(minutes=16).total_seconds(), only_row())
    tick.run()
    assert real_queue.ids() == {made["task"].partition(":")[2]}


def test_one_that_is_not_done_is_told_from_one_that_failed(real_queue: Queue) -> None:
    made = smoke("enqueue")
    with pytest.raises(CommandError, match="not done yet: it is ready") as waits:
        smoke("finished", made["task"])
    TaskRow.objects.update(state=State.DEAD, wake_at=None, due_at=None, finished_at=timezone.now())
    with pytest.raises(CommandError, match=r"The task failed: `manage.py tasks show") as failed:
        smoke("finished", made["task"])
    assert (waits.value.returncode, failed.value.returncode) == (3, 1)


def test_a_paused_queue_is_told(real_queue: Queue) -> None:
    pausing.pause("default", database="default")
    assert smoke("enqueue")["paused"] is True


@pytest.mark.parametrize("identifier", ["", "x", f"nowhere:{NOBODY}", f"default:{NOBODY}"])
def test_an_id_of_nothing_is_refused(identifier: str) -> None:
    with pytest.raises(CommandError, match="There is no task"):
        smoke("finished", identifier)


def test_without_a_worker_there_is_nothing_to_try(settings: Settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "serverless.tasks.local.ImmediateBackend"}}
    with pytest.raises(CommandError, match="no SQSBackend"):
        smoke("enqueue")


def test_a_project_without_a_default_queue_is_tried_on_another(settings: Settings) -> None:
    settings.TASKS = {
        "default": {
            "BACKEND": "serverless.tasks.backend.SQSBackend",
            "QUEUES": ["slow", "mail"],
            "OPTIONS": {"QUEUE_URLS": {"slow": "http://127.0.0.1:9/1/s", "mail": "http://127.0.0.1:9/1/m"}},
        }
    }
    done = run_python("from django.core.management import call_command; call_command('smoke', 'enqueue')")
    assert done.returncode == 0, done.stderr
    assert only_row().queue == "mail"
