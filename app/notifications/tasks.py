"""The task that sends."""

from app.notifications.actions import deliver
from app.notifications.exceptions import EmailRefused
from serverless.tasks import task


# Three quarters of an hour: long enough for a mail server that is being moved.
@task(max_attempts=8, give_up_on=(EmailRefused,))
def send_email(email_id: str) -> str:
    """Send one mail; returns the state in which it is left. Safe to run twice."""
    return deliver(email_id)
