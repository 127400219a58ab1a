"""Mails to send, and mails caught on this machine."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from serverless.ids import uuid7

LONGEST_SUBJECT = 200


class OutboxEmail(models.Model):
    """One mail: written in the transaction that wants it, sent by a task, and without its text once it is sent."""

    class State(models.TextChoices):
        """Waiting for its task, handed to the mail server, or given up after the task's last attempt."""

        PENDING = "pending", "Pending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idempotency_key = models.CharField(max_length=200, unique=True)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "e-mail"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["pending", "sent", "failed"]), name="email_state_known"),
            models.CheckConstraint(
                condition=(Q(state="sent", sent_at__isnull=False, text="", html=""))
                | (~Q(state="sent") & Q(sent_at=None) & ~Q(text="") & ~Q(html="")),
                name="email_keeps_text_until_sent",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="email_unsent", condition=~Q(state="sent"))]

    def __str__(self) -> str:
        return str(self.pk)


class CaughtEmail(models.Model):
    """A mail as a mail server would have got it; only the catching mailer writes any."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    to = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "caught e-mail"

    def __str__(self) -> str:
        return str(self.pk)
