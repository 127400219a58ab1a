import logging
import smtplib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings

from app.notifications.actions import deliver, one_line
from app.notifications.exceptions import EmailNotSent, EmailRefused
from app.notifications.models import OutboxEmail
from app.notifications.tasks import send_email
from serverless.mail import MailFailed, MailRefused
from serverless.tasks import Task
from serverless.tasks.models import TaskRow
from tests.app.notifications.conftest import write

pytestmark = pytest.mark.django_db

HOSTILE = 'Ada\r\nBcc: eve@example.test\n\n<img src=x onerror="alert(1)"> & \u202eevil'


class RefusingBackend(BaseEmailBackend):
    """A mail server that knows nobody, and says so with the address in its words."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:  # noqa: ARG002  # Django's signature
        raise smtplib.SMTPSenderRefused(550, b"who is ada@example.test?", "ada@example.test")


def test_mail_is_written_and_its_task_queued_in_one_transaction() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not OutboxEmail.objects.exists()
    assert not TaskRow.objects.exists()
    email = write()
    task = TaskRow.objects.get()
    assert (task.path, task.args) == (send_email.module_path, [str(email.pk)])
    assert not mail.outbox


def test_used_key_writes_and_queues_nothing() -> None:
    first = write()
    assert write(to="eve@example.test") == first
    assert OutboxEmail.objects.get().to == "ada@example.test"
    assert TaskRow.objects.count() == 1


def test_what_is_sent_and_what_is_kept(email: OutboxEmail) -> None:
    assert deliver(str(email.pk)) == "sent"
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ada@example.test"], "Choose a new password")
    assert "https://loupe.test/x" in sent.body
    assert isinstance(sent, mail.EmailMultiAlternatives)
    ((html, kind),) = sent.alternatives
    assert kind == "text/html"
    assert 'href="https://loupe.test/x"' in str(html)
    assert sent.message()["Message-ID"] == f"<{email.pk}@testserver>"
    email.refresh_from_db()
    assert (email.state, email.text, email.html) == ("sent", "", "")
    assert email.sent_at is not None


def test_two_runs_send_once(email: OutboxEmail) -> None:
    assert [deliver(str(email.pk)), deliver(str(email.pk))] == ["sent", "sent"]
    assert len(mail.outbox) == 1


class SlowBackend(BaseEmailBackend):
    """A mail server that takes its time, so that a second run begins before the first one ends."""

    entered = threading.Event()
    leave = threading.Event()
    taken = 0

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        SlowBackend.taken += len(email_messages)
        self.entered.set()
        self.leave.wait(10)
        return len(email_messages)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_once(email: OutboxEmail, settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.SlowBackend"}}

    def run() -> str:
        try:
            return deliver(str(email.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run)
        assert SlowBackend.entered.wait(10)
        second = pool.submit(run)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)  # it waits for the row
        SlowBackend.leave.set()
        assert [first.result(10), second.result(10)] == ["sent", "sent"]
    assert SlowBackend.taken == 1


def test_mail_that_is_gone_is_no_error() -> None:
    assert deliver("01890000-0000-7000-8000-000000000000") == "gone"


def test_refused_mail_waits_and_its_error_names_nobody(
    email: OutboxEmail, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.RefusingBackend"}}
    with caplog.at_level(logging.DEBUG), pytest.raises(EmailNotSent, match="SMTPSenderRefused 550") as raised:
        deliver(str(email.pk))
    assert raised.value.__suppress_context__
    assert "ada@" not in str(raised.value) + caplog.text
    email.refresh_from_db()
    assert email.state == "pending"
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    assert deliver(str(email.pk)) == "sent"


class SesBackend(BaseEmailBackend):
    """What SES says of a mail, by its subject."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        known = {"Choose a new password": MailRefused("SES answered 400 MessageRejected.")}
        raise known.get(str(email_messages[0].subject), MailFailed("SES answered 429 TooManyRequestsException."))


def test_a_mail_that_ses_will_never_take_is_given_up_and_another_waits(email: OutboxEmail, settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.SesBackend"}}
    with pytest.raises(EmailRefused, match=r"^SES answered 400 MessageRejected\.$") as refused:
        deliver(str(email.pk))
    other = write(
        "notifications/email/invitation", idempotency_key="2", context={"studio": "x", "days": 1, "link": "x"}
    )
    with pytest.raises(EmailNotSent, match="429 TooManyRequestsException") as failed:
        deliver(str(other.pk))
    assert isinstance(send_email, Task)
    verdicts = [send_email.retries.allow(error.value) for error in (refused, failed)]
    assert verdicts == [False, True]


def test_names_stay_within_their_line_and_their_tag() -> None:
    email = write("notifications/hostile", context={"name": HOSTILE})
    assert email.subject == 'For Ada Bcc: eve@example.test <img src=x onerror="alert(1)"> & evil'
    assert "<img" not in email.html
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp;" in email.html
    assert "<img src=x" in email.text  # text is text
    deliver(str(email.pk))
    (sent,) = mail.outbox
    assert sent.recipients() == ["ada@example.test"]
    assert sent.message()["Bcc"] is None


@pytest.mark.parametrize("to", ["ada@example.test\nBcc: eve@example.test", "ada@a.test, eve@b.test", "ada", ""])
def test_one_address_or_none(to: str) -> None:
    with pytest.raises(ValidationError):
        write(to=to)
    assert not OutboxEmail.objects.exists()


def test_subject_fits_its_column() -> None:
    assert len(write("notifications/hostile", context={"name": "x" * 500}).subject) == 200


@pytest.mark.parametrize(("text", "line"), [(" a\tb\x00\x85c \u2028 d", "a b c d"), ("Ådá 👩‍👩‍👧", "Ådá 👩‍👩‍👧")])
def test_line_keeps_what_people_write(text: str, line: str) -> None:
    assert one_line(text) == line


def test_database_lets_no_sent_mail_keep_its_text(email: OutboxEmail) -> None:
    with pytest.raises(IntegrityError, match="email_keeps_text_until_sent"), transaction.atomic():
        OutboxEmail.objects.filter(pk=email.pk).update(state="sent", sent_at="2026-01-01T00:00Z")
    with pytest.raises(IntegrityError, match="email_keeps_text_until_sent"), transaction.atomic():
        OutboxEmail.objects.filter(pk=email.pk).update(text="")
