from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from serverless.tasks.schedules.due import enqueue_due
from serverless.tasks.schedules.row import ScheduleRow
from tests.serverless.tasks.schedules.conftest import Declare, hourly
from tests.serverless.tasks.test_admin import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_list_shows_the_next_occurrence_and_changes_nothing(client: Client, declare: Declare) -> None:
    declare(bright={"task": "tests.serverless.tasks.jobs.add", "cron": "30 4 1 1 *"}, dull=hourly())
    enqueue_due(reserve=10)
    sign_in(client, "view_schedulerow", "add_schedulerow", "change_schedulerow", "delete_schedulerow")
    declare(bright={"task": "tests.serverless.tasks.jobs.add", "cron": "30 4 1 1 *"})
    listed = client.get(reverse("admin:tasks_schedulerow_changelist")).content.decode()
    assert "30 4 1 1 * UTC" in listed
    assert "4:30 a.m." in listed
    bright = reverse("admin:tasks_schedulerow_change", args=[ScheduleRow.objects.get(name="bright").pk])
    assert "30 4 1 1 * UTC" in client.get(bright).content.decode()
    for page in (bright, bright.replace("change", "delete"), reverse("admin:tasks_schedulerow_add")):
        assert client.post(page, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert ScheduleRow.objects.count() == 2
