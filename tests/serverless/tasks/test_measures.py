"""What tick and workers say about themselves in the log."""

from typing import Any

import pytest

from serverless.tasks.upkeep import tick
from serverless.tasks.work import tally
from tests.serverless.tasks.conftest import StandIn, process
from tests.serverless.tasks.jobs import add, fail
from tests.serverless.tasks.rows import dead, row
from tests.serverless.test_metrics import lines

__all__ = ["lines"]

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    tally.emit()  # what tests counted that ran a worker without its batch


def metrics(lines: list[dict[str, Any]], dimension: str, name: str) -> dict[str, Any]:
    (line,) = [line for line in lines if line.get(dimension) == name]
    return line


def test_the_tick_measures_each_queue(stand_in: StandIn, lines: list[dict[str, Any]]) -> None:
    row(queue="mails", age=90)
    row("running", queue="mails")
    dead(queue="mails")
    tick.run()
    line = metrics(lines, "Queue", "mails")
    assert (line["Due"], line["Later"], line["Running"]) == (1, 0, 1)
    assert 90 <= line["OldestDue"] < 120
    idle = [line for line in lines if line.get("Queue") == "default"]
    assert [(line["Due"], line["OldestDue"]) for line in idle] == [(0, 0), (0, 0)]  # one a database


def test_a_batch_says_what_it_came_to_per_task(stand_in: StandIn, lines: list[dict[str, Any]]) -> None:
    rows = [row(kwargs={"a": 1}), row(kwargs={"a": 2}), row(path=fail.module_path)]
    rows.append(row(path=fail.module_path, attempts=4))
    process(*rows)
    done, failed = metrics(lines, "Task", add.module_path), metrics(lines, "Task", fail.module_path)
    assert (done["Succeeded"], done["Failed"], done["Retried"], len(done["Duration"])) == (2, 0, 0, 2)
    assert (failed["Succeeded"], failed["Failed"], failed["Retried"], len(failed["Duration"])) == (0, 1, 1, 1)
    assert all(0 <= seconds < 5 for seconds in done["Duration"])


def test_a_batch_that_ran_nothing_says_nothing(stand_in: StandIn, lines: list[dict[str, Any]]) -> None:
    process(row("done"))
    assert [line for line in lines if "_aws" in line] == []


def test_more_durations_than_a_line_holds_take_several(lines: list[dict[str, Any]]) -> None:
    done = row("done")
    for _ in range(150):
        tally.count(done)
    tally.emit()
    assert [len(line["Duration"]) for line in lines] == [100, 50]
    assert lines[0]["Succeeded"] == 150
    assert "Succeeded" not in lines[1]
