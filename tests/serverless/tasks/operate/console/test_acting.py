import json

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from serverless.tasks.models import Pause, TaskRow
from serverless.tasks.work import pausing
from tests import aws
from tests.serverless.tasks.conftest import Queue, StandIn, unavailable
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.operate.console.call import tasks
from tests.serverless.tasks.rows import dead, row

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def states() -> list[str]:
    return sorted(TaskRow.objects.values_list("state", flat=True))


def test_retry_says_the_count_first_and_then_does_it(stand_in: StandIn) -> None:
    dead()
    dead()
    dead(queue="mails")
    row("done")
    assert tasks("retry", "--queue", "default") == "2 dead tasks would run again. Add --yes to do it.\n"
    assert states() == ["dead", "dead", "dead", "done"]
    assert tasks("retry", "--queue", "default", "--yes") == "2 dead tasks will run again.\n"
    assert states() == ["dead", "done", "ready", "ready"]
    assert sum(map(len, stand_in.bodies())) == 2


def test_retry_by_id_says_what_it_left_alone(stand_in: StandIn) -> None:
    one, other = dead(), row("done")
    assert tasks("retry", one.pk, other.pk) == "1 dead task would run again. Add --yes to do it.\n"
    assert "1 id left alone" in tasks("retry", one.pk, other.pk, "--yes")
    assert states() == ["done", "ready"]


def test_cancel_takes_what_waits(stand_in: StandIn) -> None:
    row()
    row("running")
    assert tasks("cancel", "--all") == "1 waiting task would be cancelled. Add --yes to do it.\n"
    assert tasks("cancel", "--all", "--yes") == "1 waiting task cancelled.\n"
    assert states() == ["dead", "running"]


@pytest.mark.parametrize("subcommand", ["retry", "cancel"])
def test_nothing_chosen_is_not_everything(subcommand: str) -> None:
    with pytest.raises(CommandError, match="or say --all"):
        tasks(subcommand, "--yes")


def test_batches_are_bounded(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serverless.tasks.operate.selection.BATCH", 2)
    for _ in range(5):
        dead()
    assert tasks("retry", "--all", "--yes") == "5 dead tasks will run again.\n"
    assert [len(bodies) for bodies in stand_in.bodies()] == [2, 2, 1]


@pytest.mark.parametrize("name", ["default", add.module_path])
def test_pause_and_resume(name: str) -> None:
    assert "is paused; what is running runs to its end" in tasks("pause", name, "--reason", "too slow")
    assert Pause.objects.get().reason == "too slow"
    assert "was paused before" in tasks("pause", name)
    row()
    pausing.park("default")
    assert tasks("resume", name).endswith("1 task brought forward for it.\n")
    with pytest.raises(CommandError, match="is not paused"):
        tasks("resume", name)


def test_a_typo_is_not_paused() -> None:
    with pytest.raises(CommandError, match=r"neither a queue \(default\) nor the path of a task"):
        tasks("pause", "defualt")


def test_prune_deletes_in_batches_and_shows_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serverless.tasks.upkeep.retention.BATCH", 2)
    monkeypatch.setattr("serverless.tasks.operate.console.acting.BATCH", 2)
    for _ in range(5):
        row("done", age=3600)
    kept = [row("done").pk, dead(age=3600).pk, row(age=3600).pk]
    assert tasks("prune", "--older-than", "30m") == "2 deleted …\n4 deleted …\n5 done tasks deleted.\n"
    assert sorted(TaskRow.objects.values_list("pk", flat=True)) == sorted(kept)
    assert tasks("prune", "--older-than", "30m", "--state", "dead") == "1 dead task deleted.\n"


@pytest.mark.parametrize("arguments", [[], ["--older-than", "1h", "--state", "ready"], ["--older-than", "x"]])
def test_prune_demands_an_age_and_a_finished_state(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        tasks("prune", *arguments)


def test_redrive_empties_the_dead_letter_queue_into_its_queue(dead_url: str, real_queue: Queue) -> None:
    for number in range(12):
        aws.client("sqs").send_message(QueueUrl=dead_url, MessageBody=json.dumps({"task": number}))
    assert tasks("redrive", "default") == "About 12 messages would go back to default. Add --yes to send them there.\n"
    assert tasks("redrive", "default", "--yes", "--limit", "11") == "11 messages went back to default.\n"
    assert tasks("redrive", "default", "--yes") == "1 message went back to default.\n"
    assert sorted(body["task"] for body in real_queue.receive()) == list(range(12))


def test_redrive_says_what_is_missing(real_queue: Queue) -> None:
    with pytest.raises(CommandError, match="has no dead-letter queue: give it a RedrivePolicy"):
        tasks("redrive", "default")
    with pytest.raises(CommandError, match="there are: default"):
        tasks("redrive", "nope")


def test_redrive_says_that_sqs_is_away(stand_in: StandIn) -> None:
    stand_in.answers = [unavailable]
    with pytest.raises(CommandError, match="SQS answered 503 ServiceUnavailable"):
        tasks("redrive", "default", "--yes")


def test_redrive_needs_credentials(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(CommandError, match="asked for its redrive policy"):
        tasks("redrive", "default")


def test_resuming_leaves_what_another_pause_holds() -> None:
    pausing.pause("default", database="default")
    tasks("pause", add.module_path)
    row()
    pausing.park("default")
    assert "0 tasks brought forward" in tasks("resume", "default")
