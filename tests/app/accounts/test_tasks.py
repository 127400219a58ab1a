from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from app.accounts.models import User
from app.accounts.tasks import clear_sessions, send_reset
from app.notifications.models import OutboxEmail
from serverless.tasks.models import TaskRow
from serverless.tasks.schedules.declaration import schedules
from serverless.tasks.work.shift import Shift

pytestmark = pytest.mark.django_db


def test_sessions_that_have_ended_are_deleted_and_no_other(client: Client) -> None:
    client.force_login(User.objects.create_user(email="a@loupe.test"))
    kept = client.session.session_key
    Client().force_login(User.objects.create_user(email="b@loupe.test"))
    Session.objects.exclude(pk=kept).update(expire_date=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        clear_sessions.func()
        assert [session.pk for session in Session.objects.all()] == [kept]


def test_that_happens_every_night() -> None:
    (schedule,) = (schedule for schedule in schedules() if schedule.name == "clear-sessions")
    assert schedule.task().func is clear_sessions.func


@pytest.mark.django_db(transaction=True)
def test_who_asks_twice_before_the_mail_is_out_gets_one() -> None:
    User.objects.create_user(email="a@loupe.test", is_verified=True)
    for _ in range(2):
        send_reset.enqueue("a@loupe.test")
    row = TaskRow.objects.get()
    assert "loupe" not in (row.unique_key or "")  # a digest: the address is not repeated


@pytest.mark.django_db(transaction=True)
def test_a_request_that_waited_for_an_hour_is_forgotten() -> None:
    User.objects.create_user(email="a@loupe.test", is_verified=True)
    send_reset.enqueue("a@loupe.test")
    TaskRow.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Shift().run([TaskRow.objects.get().pk], database="default")
    assert TaskRow.objects.get().state == "dead"
    assert not OutboxEmail.objects.exists()
