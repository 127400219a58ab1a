from http import HTTPStatus

import pytest
from django.db.models.functions import Now

from serverless.tasks.models import Pause, TaskRow
from serverless.tasks.work import pausing
from tests.serverless.tasks.admin.people import ALL, VIEW, staff
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.rows import row

pytestmark = pytest.mark.django_db

ADD = "/admin/tasks/pause/add/"
LIST = "/admin/tasks/pause/"


@pytest.mark.parametrize("name", ["default", add.module_path])
def test_a_queue_or_a_task_is_paused_under_ones_name(name: str) -> None:
    client = staff(*ALL)
    assert client.post(ADD, {"name": name, "reason": "too slow"}).status_code == HTTPStatus.FOUND
    pause = Pause.objects.get()
    assert (pause.name, pause.reason, pause.by) == (name, "too slow", "operator@loupe.test")
    assert "too slow" in client.get(LIST).content.decode()


@pytest.mark.parametrize("name", ["", "defualt", "os.path", "a.b.c", "\0", "default\0"])
def test_nothing_else_is(name: str) -> None:
    assert staff(*ALL).post(ADD, {"name": name}).status_code == HTTPStatus.OK
    assert not Pause.objects.exists()


def test_pausing_twice_is_refused() -> None:
    pausing.pause("default", database="default", by="ada")
    assert staff(*ALL).post(ADD, {"name": "default"}).status_code == HTTPStatus.OK
    assert Pause.objects.get().by == "ada"


@pytest.mark.parametrize("one_by_one", [True, False])
def test_deleting_resumes(one_by_one: bool) -> None:
    pausing.pause("default", database="default")
    row()
    assert pausing.park("default") == 1
    client = staff(*ALL)
    if one_by_one:
        client.post(f"{LIST}default/delete/", {"post": "yes"})
    else:
        client.post(LIST, {"action": "delete_selected", "_selected_action": ["default"], "post": "yes"})
    assert not Pause.objects.exists()
    assert TaskRow.objects.filter(wake_at__lte=Now()).exists()


def test_who_may_only_look_neither_pauses_nor_resumes() -> None:
    client = staff(*VIEW)
    assert client.post(ADD, {"name": "default"}).status_code == HTTPStatus.FORBIDDEN
    pausing.pause("default", database="default")
    assert client.post(f"{LIST}default/delete/", {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert Pause.objects.exists()
