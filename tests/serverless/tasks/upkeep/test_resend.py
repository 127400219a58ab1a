from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from serverless.tasks.models import State
from serverless.tasks.upkeep import tick
from serverless.tasks.work import lease
from tests.serverless.tasks.conftest import Queue, only_row
from tests.serverless.tasks.jobs import add

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def wake(*arguments: str) -> str:
    out = StringIO()
    call_command("tasks", "wake", *arguments, stdout=out)
    return out.getvalue()


def test_a_task_whose_message_was_lost_is_sent_at_the_next_tick(real_queue: Queue) -> None:
    add.enqueue(1)
    assert len(real_queue.receive()) == 1  # lost: received, deleted, never run
    assert tick.run()["sent"] == 0
    assert wake() == "1 unfinished task will be sent again.\n"
    assert tick.run()["sent"] == 1
    assert real_queue.ids() == {str(only_row().pk)}


def test_a_lease_is_left_alone_unless_told_to(real_queue: Queue) -> None:
    add.enqueue(1)
    (claimed,) = lease.claim([only_row().pk], database="default", seconds=120, worker="w")
    assert wake() == ""
    assert wake("--end-leases") == "1 unfinished task will be sent again.\n"
    real_queue.receive()
    tick.run()
    assert real_queue.drain() == {"batchItemFailures": []}
    row = only_row()
    assert (row.state, row.attempts, row.lease) == (State.DONE, 0, claimed.lease + 1)


def test_what_is_finished_or_not_yet_due_stays_as_it_is(real_queue: Queue) -> None:
    add.enqueue(1)
    real_queue.drain()
    add.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(2)
    assert wake("--end-leases") == ""
    assert tick.run()["sent"] == 0
