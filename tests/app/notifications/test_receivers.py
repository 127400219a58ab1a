import pytest
from pytest_django.fixtures import Settings

from app.notifications.models import OutboxEmail
from app.notifications.tasks import send_email
from serverless.tasks.models import TaskRow
from serverless.tasks.operate.retry import retry_dead
from serverless.tasks.work.shift import Shift

# The worker looks after its own connections and transactions.
pytestmark = pytest.mark.django_db(transaction=True)


def run_task() -> None:
    Shift().run(list(TaskRow.objects.values_list("pk", flat=True)), database="default")


def test_mail_of_a_dead_task_has_failed_until_it_is_retried(email: OutboxEmail, settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": "tests.app.notifications.test_actions.RefusingBackend"}}
    TaskRow.objects.update(attempts=send_email.max_attempts - 1)
    run_task()
    task = TaskRow.objects.get()
    assert task.state == "dead"
    assert "ada@" not in str(task.errors)
    email.refresh_from_db()
    assert email.state == "failed"
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    retry_dead(TaskRow.objects.all())
    run_task()
    email.refresh_from_db()
    assert email.state == "sent"


def test_mail_that_was_sent_stays_sent_when_its_task_dies(email: OutboxEmail) -> None:
    OutboxEmail.objects.update(state="sent", sent_at="2026-01-01T00:00Z", text="", html="")
    TaskRow.objects.update(attempts=send_email.max_attempts)
    run_task()
    assert TaskRow.objects.get().state == "dead"
    email.refresh_from_db()
    assert email.state == "sent"
