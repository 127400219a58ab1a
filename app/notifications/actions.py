"""Writing a mail, and sending it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db.models.functions import Now
from django.template.loader import render_to_string

from app.notifications.exceptions import EmailNotSent, EmailRefused
from app.notifications.models import LONGEST_SUBJECT, OutboxEmail
from serverless.db.shards import atomic
from serverless.mail import MailFailed, MailRefused

# Line breaks would end the header; control and direction characters would disguise what stands there.
_NOT_IN_A_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


@atomic(OutboxEmail)
def send_mail_later(template: str, *, to: str, context: Mapping[str, Any], idempotency_key: str) -> OutboxEmail:
    """Write the mail and queue its sending, both or neither; a key that was used before writes and queues nothing.

    `template` names three files: `{template}.subject.txt`, `{template}.txt` and `{template}.html`. They get `context`
    and `site_url`. Raises ValidationError for what is not one address.
    """
    from app.notifications.tasks import send_email

    validate_email(to)
    known = {**context, "site_url": settings.SITE_URL}
    email, created = OutboxEmail.objects.get_or_create(
        idempotency_key=idempotency_key,
        defaults={
            "to": to,
            "subject": one_line(render_to_string(f"{template}.subject.txt", known))[:LONGEST_SUBJECT],
            "text": render_to_string(f"{template}.txt", known).strip() + "\n",
            "html": render_to_string(f"{template}.html", known),
        },
    )
    if created:
        send_email.enqueue(str(email.pk))
    return email


def one_line(text: str) -> str:
    """Make one line of `text`, without what would break or disguise it."""
    return _NOT_IN_A_LINE.sub(" ", text).strip()


@atomic(OutboxEmail)
def deliver(email_id: str) -> str:
    """Send a mail unless it was sent; returns the state in which it is left. Raises EmailNotSent, EmailRefused.

    The row stays locked while the server is spoken to (10 s at most), so that a second run waits and then finds it
    sent. Only a crash between the server's word and the commit sends a mail twice, under the same Message-ID.
    """
    email = OutboxEmail.objects.select_for_update().filter(pk=email_id).first()
    if email is None:
        return "gone"
    if email.state != OutboxEmail.State.SENT:
        _hand_over(email)
        OutboxEmail.objects.filter(pk=email.pk).update(state=OutboxEmail.State.SENT, sent_at=Now(), text="", html="")
    return OutboxEmail.State.SENT.value


def _hand_over(email: OutboxEmail) -> None:
    message = EmailMultiAlternatives(
        email.subject,
        email.text,
        to=[email.to],
        headers={
            "Message-ID": f"<{email.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            # No holiday replies, please: https://www.rfc-editor.org/rfc/rfc3834#section-5
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(email.html, "text/html")
    try:
        message.send()
    except MailFailed as error:  # its words name no address
        raise (EmailRefused if isinstance(error, MailRefused) else EmailNotSent)(str(error)) from None
    except OSError as error:  # smtplib.SMTPException is one
        # The server's own words repeat the address.
        code = getattr(error, "smtp_code", "")
        raise EmailNotSent(f"The mail server did not take the mail: {type(error).__name__} {code}".strip()) from None
