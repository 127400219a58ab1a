from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.tasks import task_backends
from pytest_django.fixtures import Settings

from tests.serverless.tasks.conftest import BACKEND, point_tasks_at


def found() -> list[str]:
    return [message.id for message in run_checks() if message.id and message.id.startswith("tasks.")]


def test_sound_settings_pass(settings: Settings) -> None:
    point_tasks_at(settings, "https://sqs.eu-west-1.amazonaws.com/123456789012/default")
    assert found() == []


@pytest.mark.parametrize(
    "url", ["", "default", "https://sqs.eu-west-1.amazonaws.com", "ftp://host/1/q", "http://[q]/1/q", None]
)
def test_a_queue_without_a_url_is_an_error(settings: Settings, url: str | None) -> None:
    urls = {} if url is None else {"default": url}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default"], "OPTIONS": {"QUEUE_URLS": urls}}}
    assert found() == ["tasks.E002"]


def test_each_queue_needs_its_own(settings: Settings) -> None:
    urls = {"default": "http://127.0.0.1:1/1/default"}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default", "slow"], "OPTIONS": {"QUEUE_URLS": urls}}}
    (message,) = [message for message in run_checks() if message.id == "tasks.E002"]
    assert "'slow'" in message.msg


@pytest.mark.parametrize(
    ("retention", "sound"),
    [
        ({"done": timedelta(days=1), "dead": None}, True),
        ({}, True),
        ({"ready": timedelta(days=1)}, False),
        ({"done": 7}, False),
        ({"done": timedelta(0)}, False),
        ({"dead": timedelta(days=-1)}, False),
    ],
)
def test_retention_is_given_for_finished_states_in_lengths_of_time(
    settings: Settings, retention: dict[str, object], sound: bool
) -> None:
    point_tasks_at(settings, "http://127.0.0.1:1/1/default")
    settings.TASKS["default"]["OPTIONS"]["RETENTION"] = retention
    assert found() == ([] if sound else ["tasks.E020"])


def test_the_app_must_be_installed(settings: Settings) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "serverless.tasks"]
    assert found() == ["tasks.E001"]


class ToSqlite:
    def db_for_write(self, model: object, **hints: object) -> str:  # noqa: ARG002 - Django's signature
        return "file"


def test_the_database_must_be_postgresql(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    point_tasks_at(settings, "http://127.0.0.1:1/1/default")
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}
    sqlite = connections.settings["default"] | engine
    monkeypatch.setitem(connections.settings, "file", sqlite)
    settings.DATABASE_ROUTERS = [f"{__name__}.ToSqlite"]
    assert [message.id for message in task_backends["default"].check()] == ["tasks.E003"]


def test_a_url_without_a_queue_is_pointed_out(settings: Settings) -> None:
    urls = {"default": "http://127.0.0.1:1/1/default", "slow": "http://127.0.0.1:1/1/slow"}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default"], "OPTIONS": {"QUEUE_URLS": urls}}}
    assert found() == ["tasks.W004"]


@pytest.mark.parametrize(
    ("options", "sound"),
    [
        ({"FUNCTION_TIMEOUT": 900, "BATCH_WINDOW": 300}, True),
        ({"FUNCTION_TIMEOUT": None}, True),
        ({"FUNCTION_TIMEOUT": 901}, False),
        ({"FUNCTION_TIMEOUT": "120"}, False),
        ({"BATCH_WINDOW": 301}, False),
        ({"BATCH_WINDOW": -1}, False),
    ],
)
def test_the_function_is_described_in_seconds(settings: Settings, options: dict[str, object], sound: bool) -> None:
    urls = {"QUEUE_URLS": {"default": "http://127.0.0.1:1/1/default"}}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default"], "OPTIONS": {**urls, **options}}}
    assert found() == ([] if sound else ["tasks.E005"])
