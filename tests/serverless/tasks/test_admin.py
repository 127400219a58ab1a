from http import HTTPStatus

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from serverless.tasks.models import TaskRow
from serverless.tasks.retries import MAX_ATTEMPTS
from tests.serverless.tasks.conftest import StandIn, only_row, process
from tests.serverless.tasks.jobs import fail

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "admin:tasks_taskrow_changelist"


def sign_in(client: Client, *codenames: str) -> None:
    users = get_user_model()
    user = users(**{users.USERNAME_FIELD: "operator@loupe.test"}, is_staff=True, is_active=True)
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="tasks"))
    client.force_login(user)


@pytest.fixture
def dead(stand_in: StandIn) -> TaskRow:
    fail.enqueue("<b>no such photo</b>")
    TaskRow.objects.update(attempts=MAX_ATTEMPTS - 1)
    process(only_row())
    return only_row(state="dead")


def test_the_list_shows_the_state_and_the_page_the_traceback(client: Client, dead: TaskRow) -> None:
    sign_in(client, "view_taskrow")
    listed = client.get(reverse(LIST), {"state__exact": "dead"}).content.decode()
    assert dead.path in listed
    assert "Dead" in listed
    page = client.get(reverse("admin:tasks_taskrow_change", args=[dead.pk])).content.decode()
    assert "LookupError: &lt;b&gt;no such photo" in page
    assert "<b>no such photo" not in page


def test_nobody_adds_changes_or_deletes(client: Client, dead: TaskRow) -> None:
    sign_in(client, "view_taskrow", "add_taskrow", "change_taskrow", "delete_taskrow")
    page = reverse("admin:tasks_taskrow_change", args=[dead.pk])
    assert client.post(page, {"state": "done"}).status_code == HTTPStatus.FORBIDDEN
    assert client.get(reverse("admin:tasks_taskrow_add")).status_code == HTTPStatus.FORBIDDEN
    delete = reverse("admin:tasks_taskrow_delete", args=[dead.pk])
    assert client.post(delete, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert only_row().state == "dead"


@pytest.mark.parametrize(("permission", "state"), [("change_taskrow", "ready"), ("view_taskrow", "dead")])
def test_dead_tasks_are_retried_by_who_may_change_them(
    client: Client, dead: TaskRow, permission: str, state: str
) -> None:
    sign_in(client, "view_taskrow", permission)
    client.post(reverse(LIST), {"action": "retry", "_selected_action": [str(dead.pk)]})
    assert only_row().state == state
