import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from serverless.tasks.models import TaskRow
from serverless.tasks.operate.console.working import _work as work
from serverless.tasks.work import gates, lease, pausing
from tests.serverless.tasks.conftest import StandIn, only_row
from tests.serverless.tasks.jobs import calls, crash, fail, sleep
from tests.serverless.tasks.operate.console.call import tasks
from tests.serverless.tasks.policies import in_order
from tests.serverless.tasks.rows import row
from tests.serverless.tasks.run import start_python

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def test_the_queue_is_worked_on_until_it_is_empty_the_urgent_first(stand_in: StandIn) -> None:
    row(kwargs={"a": 1})
    row(kwargs={"a": 2}, priority=5)
    row(path=fail.module_path)
    row("done")
    assert tasks("run", "--until-empty").splitlines()[-1] == "3 runs."
    assert calls == [(2, 0), (1, 0), "no such photo"]
    assert TaskRow.objects.filter(state="done").count() == 3


def test_what_a_task_enqueues_runs_too(stand_in: StandIn) -> None:
    for number in range(25):
        row(kwargs={"a": number})
    assert "25 runs." in tasks("run", "--until-empty")


def test_one_queue_alone(stand_in: StandIn) -> None:
    row(kwargs={"a": 1})
    other = row(kwargs={"a": 2}, queue="mails")
    tasks("run", "--until-empty", "--queue", "default")
    assert calls == [(1, 0)]
    assert TaskRow.objects.get(pk=other.pk).state == "ready"


def test_what_is_leased_paused_or_later_is_left_alone(stand_in: StandIn) -> None:
    held = row(kwargs={"a": 1})
    lease.claim([held.pk], database="default", seconds=60, worker="w")
    row(path=fail.module_path)
    pausing.pause(fail.module_path, database="default")
    assert "0 runs." in tasks("run", "--until-empty")
    assert calls == []


def test_what_waits_for_others_holds_up_none_behind_it(stand_in: StandIn) -> None:
    for number in range(12):
        in_order.enqueue("a", number)
    first = TaskRow.objects.order_by("pk")[0]
    assert gates.claim(first, seconds=1.5, worker="elsewhere") is not None
    row(kwargs={"a": 1})
    tasks("run", "--until-empty")
    assert calls == [(1, 0), *(("a", number) for number in range(12))]


def test_a_lost_row_is_taken_over(stand_in: StandIn) -> None:
    row("running", age=600, kwargs={"a": 1})
    assert "1 run." in tasks("run", "--until-empty")
    assert only_row().state == "done"


def test_an_interrupted_task_is_given_back_and_not_charged(stand_in: StandIn) -> None:
    one = row(path=crash.module_path)  # raises what Ctrl-C raises
    with pytest.raises(KeyboardInterrupt):
        tasks("run", "--until-empty")
    after = only_row()
    assert (after.state, after.attempts, after.worker_ids) == ("ready", 0, [])
    assert after.due_at == after.wake_at
    assert after.lease == one.lease + 1


def test_what_another_worker_took_meanwhile_is_not_given_back(stand_in: StandIn) -> None:
    one = row()
    lease.claim([one.pk], database="default", seconds=60, worker="someone else")
    work(one.pk, database="default")
    assert only_row().worker_ids == ["someone else"]


@pytest.fixture
def working() -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Start ``tasks run`` in a process of its own and return it once a task runs; end it with the test."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        started.append(start_python("from django.core.management import call_command\ncall_command('tasks', 'run')"))
        deadline = time.monotonic() + 30
        while not TaskRow.objects.filter(state="running").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return started[0]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_after_the_present_task(stand_in: StandIn, working: Callable[[], "subprocess.Popen[str]"]) -> None:
    for _ in range(3):
        row(path=sleep.module_path, args=[0.5])
    process = working()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0, out
    assert not TaskRow.objects.filter(state="running").exists()
    assert TaskRow.objects.filter(state="done").count() in {1, 2}


def test_a_second_ctrl_c_gives_the_task_back(stand_in: StandIn, working: Callable[[], "subprocess.Popen[str]"]) -> None:
    row(path=sleep.module_path, args=[15])
    process = working()
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)  # two at once would be one
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    after = only_row()
    assert (after.state, after.attempts) == ("ready", 0)
