import json
from uuid import uuid4

import pytest
from django.core.management import CommandError

from serverless.tasks.models import TaskRow
from serverless.tasks.work import pausing
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.operate.console.call import tasks
from tests.serverless.tasks.rows import dead, row

pytestmark = pytest.mark.django_db(databases=["default", "other"])


def test_stats_as_a_table() -> None:
    row(age=200)
    dead(queue="mails", age=60)
    pausing.pause("default", database="default", by="ada", reason="too slow")
    lines = tasks("stats").splitlines()
    assert lines[0].split() == ["QUEUE", "DUE", "OLDEST", "LATER", "RUNNING", "LOST", "DEAD"]
    assert lines[1].split() == ["default", "1", "3", "min", "20", "s", "0", "0", "0", "0"]
    assert "by ada, too slow" in lines[2]
    assert lines[-1].split()[:4] == [add.module_path, "1", "1", "4"]


def test_stats_as_json() -> None:
    row("done", age=60)
    said = json.loads(tasks("stats", "--json"))
    (task,) = said["last_hour"]
    assert (task["task"], task["count"], task["done"], task["ran"]) == (add.module_path, 1, 1, 1.0)
    assert said["queues"][0]["queue"] == "default"
    assert said["paused"] == []


def test_stats_of_nothing() -> None:
    assert "Nothing finished in the last hour." in tasks("stats")


def test_another_database_is_another_table() -> None:
    row()
    assert json.loads(tasks("stats", "--json", "--database", "other"))["queues"][0]["due"] == 0


def test_list_chooses_by_every_filter() -> None:
    rows = [row(), row(queue="mails"), row(path="a.b.c"), dead()]

    def found(*arguments: str) -> list[str]:
        return [entry["id"] for entry in json.loads(tasks("list", "--json", *arguments))]

    assert found() == [str(one.pk) for one in reversed(rows)]
    assert found("--queue", "mails") == [str(rows[1].pk)]
    assert found("--task", "a.b") == [str(rows[2].pk)]
    assert found("--state", "dead") == [str(rows[3].pk)]
    assert found("--state", "dead", "--queue", "mails") == []
    assert found("--limit", "1") == [str(rows[3].pk)]
    assert found("--older-than", "1h") == []
    TaskRow.objects.filter(pk=rows[0].pk).update(id="00000000-0000-7000-8000-000000000001")
    assert found("--older-than", "1h") == ["00000000-0000-7000-8000-000000000001"]


def test_list_as_text() -> None:
    one = dead(age=7200)
    assert [str(one.pk), "dead", "5", "default", add.module_path, "2", "h", "3", "s", "ago"] in [
        line.split() for line in tasks("list").splitlines()
    ]
    assert tasks("list", "--queue", "nope") == "No task matches.\n"


def test_show_says_everything_and_the_newest_failure_first() -> None:
    one = dead("no such photo", args=["x-17"])
    said = tasks("show", f"default:{one.pk}")
    assert "x-17" in said
    assert "It runs again only if someone retries it." in said
    assert said.index("Attempt 5: builtins.LookupError") < said.index("Attempt 1: builtins.LookupError")
    assert json.loads(tasks("show", one.pk, "--json"))["args"] == ["x-17"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", str(uuid4())], "There is no task"),
        (["show", "nonsense"], "is no id of a task"),
        (["list", "--older-than", "tomorrow"], "is no length of time: write 90s"),
        (["list", "--older-than", "99999999999d"], "longer than anything is kept"),
        (["list", "--older-than", "²d"], "is no length of time"),
        (["list", "--limit", "0"], "is no number from 1"),
        (["list", "--limit", "-5"], "is no number from 1"),
        (["list", "--state", "asleep"], "invalid choice"),
        (["list", "--database", "nope"], "invalid choice"),
        (["nonsense"], "invalid choice"),
        ([], "SUBCOMMAND"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        tasks(*arguments)


def test_an_age_beyond_the_calendar_is_a_mistake_too() -> None:
    with pytest.raises(CommandError, match="longer than anything is kept"):
        tasks("list", "--older-than", "900000d")
