from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from pytest_django.fixtures import Settings

from serverless.tasks.schedules.declaration import schedules
from tests.serverless.tasks.schedules.conftest import ADD, Declare, hourly

HOUR = timedelta(hours=1)


def found() -> list[CheckMessage]:
    return [message for message in run_checks() if message.id and message.id.startswith("tasks.")]


def nightly(**options: Any) -> dict[str, Any]:
    return {"task": ADD, "cron": "0 3 * * *", "args": [1], **options}


def test_sound_schedules_pass(declare: Declare) -> None:
    attempt = "tests.serverless.tasks.jobs.attempt"
    declare(
        a=hourly(jitter=timedelta(minutes=59), overlap=True, catch_up=True),
        b=nightly(timezone="Europe/Berlin", kwargs={"b": 2}),
        c=nightly(cron="*/5 8-18 * JAN-MAR,DEC MON-FRI", jitter=timedelta(minutes=4)),
        d=nightly(cron="0 0 L * *"),
        e=hourly(task=attempt, args=["text"]),
        f=nightly(cron="0 0 29 2 *"),
    )
    assert found() == []
    assert [schedule.name for schedule in schedules()] == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    ("declared", "code", "words"),
    [
        ("0 3 * * *", "E010", "not a dict"),
        (nightly(crontab=1), "E010", "unknown keys: crontab"),
        (nightly(overlap="no"), "E010", "'no' for overlap"),
        (nightly(task="app.gone.tasks.x"), "E011", "cannot be imported"),
        (nightly(task="tests.serverless.tasks.broken.x"), "E011", "cannot be imported"),
        (nightly(task="tests.serverless.tasks.jobs.asyncio"), "E011", "not a task"),
        ({"cron": "0 3 * * *"}, "E011", "None"),
        ({"task": ADD, "args": [1]}, "E012", "neither"),
        (nightly(every=HOUR), "E012", "both"),
        (nightly(cron="0 3 * *"), "E013", "five fields"),
        (nightly(cron="0 0 3 * * *"), "E013", "five fields"),
        (nightly(cron="@daily"), "E013", "five fields"),
        (nightly(cron=3), "E013", "five fields"),
        (nightly(cron="60 3 * * *"), "E013", "Bad minute"),
        (nightly(cron="0 3 * * FUNDAY"), "E013", "Bad day-of-week"),
        (nightly(cron="0 3 30 2 *"), "E013", "Bad day-of-month"),
        (nightly(cron="0 3 */20 * 1L"), "E013", "never comes"),
        (nightly(timezone="Europe/Atlantis"), "E014", "Atlantis"),
        (nightly(timezone="../../etc/passwd"), "E014", "passwd"),
        (nightly(timezone="Europe"), "E014", "not known"),
        (nightly(timezone=1), "E014", "not known"),
        (hourly(timezone="UTC"), "E014", "beside every"),
        (hourly(every=60), "E015", "rate 60"),
        (hourly(every=timedelta(seconds=30)), "E015", "seconds=30"),
        (hourly(every=timedelta(seconds=90)), "E015", "seconds=90"),
        (hourly(every=-HOUR), "E015", "rate"),
        (hourly(every=timedelta(days=366)), "E015", "366"),
        (hourly(jitter=300), "E016", "jitter 300"),
        (hourly(jitter=-HOUR), "E016", "jitter"),
        (hourly(jitter=HOUR), "E016", "occurs again after 1:00:00"),
        (nightly(cron="0 3,4 * * *", jitter=2 * HOUR), "E016", "occurs again after 1:00:00"),
        (hourly(args=[{1}]), "E017", "set"),
        (hourly(args=["\0"]), "E017", "NUL"),
        (hourly(args=5), "E017", "does not take"),
        (hourly(kwargs=[1]), "E017", "does not take"),
        (hourly(kwargs={"a": 2}), "E017", "multiple values"),
        (hourly(args=[]), "E017", "missing"),
    ],
)
def test_each_mistake_is_told_with_what_to_do(declare: Declare, declared: Any, code: str, words: str) -> None:
    declare(nightly=declared)
    (message,) = found()
    assert message.id == f"tasks.{code}"
    assert "TASKS['default']['OPTIONS']['SCHEDULES']['nightly']" in message.msg
    assert words in message.msg
    assert message.hint


def test_every_mistake_is_told_at_once(declare: Declare) -> None:
    declare(a=nightly(task="x", cron="x", jitter=1), b=hourly(every=1))
    assert [message.id for message in found()] == ["tasks.E011", "tasks.E013", "tasks.E016", "tasks.E015"]


def test_schedules_are_a_dict(declare: Declare, settings: Settings) -> None:
    declare()
    options = settings.TASKS["default"]["OPTIONS"] | {"SCHEDULES": [hourly()]}
    settings.TASKS = {"default": settings.TASKS["default"] | {"OPTIONS": options}}
    assert [message.id for message in found()] == ["tasks.E010"]


def test_a_queue_of_another_backend_is_no_place_for_it(declare: Declare, settings: Settings) -> None:
    declare(nightly=nightly())
    settings.TASKS = {"default": settings.TASKS["default"] | {"QUEUES": ["slow"]}}
    assert "tasks.E011" in [message.id for message in found()]
