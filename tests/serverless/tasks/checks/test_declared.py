"""What can be seen in the tasks of installed apps: those of the app `tests.serverless.tasks.checks.shop`."""

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from tests.serverless.tasks.conftest import BACKEND

SHOP = "tests.serverless.tasks.checks.shop"


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, SHOP]


def found(settings: Settings, backend: str = BACKEND, **options: Any) -> list[tuple[str, str]]:
    if backend == BACKEND:
        options["QUEUE_URLS"] = {"default": "http://127.0.0.1:9/1/default"}
    settings.TASKS = {"default": {"BACKEND": backend, "QUEUES": ["default"], "OPTIONS": options}}
    return [
        (message.id, message.msg)
        for message in run_checks()
        if message.id and message.id.startswith("tasks.") and SHOP in message.msg
    ]


def test_a_task_that_is_not_found_under_its_name(settings: Settings) -> None:
    ((identifier, text),) = found(settings)
    assert identifier == "tasks.E030"
    assert f"{SHOP}.tasks._hidden" in text


def test_a_timeout_that_the_function_does_not_reach(settings: Settings) -> None:
    assert [identifier for identifier, _ in found(settings, FUNCTION_TIMEOUT=305)] == ["tasks.E030"]
    says = dict(found(settings, FUNCTION_TIMEOUT=304))
    assert "timeout of 300 s" in says["tasks.W031"]


def test_options_that_a_backend_without_rows_ignores(settings: Settings) -> None:
    says = found(settings, "serverless.tasks.local.ImmediateBackend")
    assert [(identifier, text.count("unique")) for identifier, text in says] == [("tasks.W032", 1)]
