"""A mailer for private machines: keeps each mail for the pages under `/_local/mail/` and sends none."""

from collections.abc import Sequence

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from app.notifications.models import CaughtEmail


class CatchingBackend(BaseEmailBackend):
    """Takes what a mail server would take. Whatever such a server would refuse, a broken header say, fails here too."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages as they would have gone out; returns how many."""
        for email in email_messages:
            message = email.message()
            plain, rich = message.get_body(["plain"]), message.get_body(["html"])
            CaughtEmail.objects.create(
                to=", ".join(email.recipients()),
                subject=str(message["Subject"]),
                text=plain.get_content() if plain else "",
                html=rich.get_content() if rich else "",
            )
        return len(email_messages)
