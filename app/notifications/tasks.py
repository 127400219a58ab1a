"""The task that sends."""

from django.tasks import task

from app.notifications.actions import deliver


@task
def send_email(email_id: str) -> str:
    """Send one mail; returns the state in which it is left. Safe to run twice."""
    return deliver(email_id)
