from datetime import timedelta

import pytest
from django.utils import timezone

from serverless.tasks.models import TaskRow
from serverless.tasks.operate.cancel import cancel
from serverless.tasks.upkeep import figures
from serverless.tasks.upkeep.figures import Depth, Figures
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.rows import dead, row

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_depths_tell_states_apart() -> None:
    row(age=50)
    row(age=20)
    row(due_at=timezone.now() + HOUR, wake_at=timezone.now() + HOUR)
    row("running")
    row("running", age=3600)
    row("done")
    dead()
    (depth,) = figures.depths("default")
    assert (depth.due, depth.later, depth.running, depth.lost) == (2, 1, 1, 1)
    assert 3500 < depth.oldest < 3600  # the lost one's


def test_a_queue_without_rows_is_there_all_the_same() -> None:
    assert figures.depths("default") == [Depth(queue="default")]


def test_what_finished_is_counted_by_task_and_step() -> None:
    for seconds in (10, 20, 3500):
        row("done", age=seconds, attempts=1)
    dead(age=10, path="a.b.c")
    recent = figures.recent("default", period=HOUR, steps=6)
    assert [(step.done, step.failed) for step in recent.steps] == [(1, 0), (0, 0), (0, 0), (0, 0), (0, 0), (2, 1)]
    assert recent.tasks["a.b.c"] == Figures(
        done=0, failed=1, retries=4, waited=2.0, waited_p95=2.0, ran=1.0, ran_p95=1.0
    )
    assert (recent.tasks[add.module_path].count, recent.tasks[add.module_path].retries) == (3, 3)
    assert recent.total.count == 4


def test_percentiles_are_of_what_was_waited_and_run() -> None:
    for tenth in range(1, 11):
        one = row("done", age=60)
        begun = one.finished_at - timedelta(seconds=tenth)  # type: ignore[operator] # it is finished
        TaskRow.objects.filter(pk=one.pk).update(last_attempted_at=begun)
    total = figures.recent("default", period=HOUR, steps=1).total
    assert total.ran == 5.5
    assert total.ran_p95 == pytest.approx(9.55)


def test_a_deferred_task_has_not_waited_before_its_start() -> None:
    one = row("done", age=60)
    TaskRow.objects.update(enqueued_at=timezone.now() - timedelta(days=1), run_after=one.started_at)
    assert figures.recent("default", period=HOUR, steps=1).total.waited == 0.0


def test_a_cancelled_task_has_not_run() -> None:
    one = row(last_attempted_at=timezone.now() - timedelta(days=2), started_at=timezone.now() - timedelta(days=2))
    cancel([one.pk], database="default", by="ada")
    recent = figures.recent("default", period=HOUR, steps=1).total
    assert (recent.failed, recent.ran) == (1, None)


def test_older_ones_are_left_out() -> None:
    row("done", age=3700)
    recent = figures.recent("default", period=HOUR, steps=60)
    assert (recent.total.count, recent.tasks, recent.since) == (0, {}, recent.now - HOUR)


def test_only_the_newest_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MAX_ROWS", 2)
    for seconds in (10, 20, 3000):
        row("done", age=seconds)
    recent = figures.recent("default", period=HOUR, steps=6)
    assert recent.total.count == 2
    assert recent.since > recent.now - timedelta(seconds=30)


def test_the_dead_are_counted_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MAX_DEAD", 2)
    for _ in range(3):
        dead(queue="mails")
    assert figures.dead("default") == {"mails": 2}
