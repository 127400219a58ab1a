from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from app.accounts.models import User
from app.accounts.tasks import clear_sessions
from serverless.tasks.schedules.declaration import schedules

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
