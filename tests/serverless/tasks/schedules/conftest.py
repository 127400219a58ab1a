"""Schedules to declare, and a way to let time pass for them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from pytest_django.fixtures import Settings

from serverless.tasks.schedules.row import ScheduleRow
from tests.serverless.tasks.conftest import BACKEND, StandIn

ADD = "tests.serverless.tasks.jobs.add"


def hourly(**options: Any) -> dict[str, Any]:
    return {"task": ADD, "every": timedelta(hours=1), "args": [1], **options}


# A rate whose occurrences are so far apart that none comes while a test runs.
YEAR = timedelta(days=365)


def yearly(**options: Any) -> dict[str, Any]:
    return hourly(**{"every": YEAR, **options})


class Declare:
    """Puts schedules into settings, beside queues that a stand-in for SQS serves."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings = settings
        self._url = url

    def __call__(self, **schedules: Any) -> None:
        options = {"QUEUE_URLS": {"default": self._url}, "SCHEDULES": schedules}
        self._settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default"], "OPTIONS": options}}


@pytest.fixture
def declare(settings: Settings, stand_in: StandIn) -> Declare:
    return Declare(settings, stand_in.url)


def let_pass(*, database: str = "default", **span: float) -> None:
    """Move the schedules' clock: what lay so far ahead has come."""
    ScheduleRow.objects.using(database).update(last_at=F("last_at") - timedelta(**span))
