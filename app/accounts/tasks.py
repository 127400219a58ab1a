"""Mails whose request must take the same time whoever is behind the address: who it is, is looked up here.

The address stands in the task's row, like those in the tables of users and mails, and in no log. And what is cleared
every night.
"""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.tasks import TaskContext, task

from app.accounts.actions import answer_forgotten_password, answer_missing_confirmation


@task(takes_context=True)
def send_reset(context: "TaskContext[..., Any]", email: str) -> None:
    """Mail a reset link, if there is somebody to mail it to; once, however often this runs."""
    answer_forgotten_password(email, occasion=context.task_result.id)


@task(takes_context=True)
def send_confirmation(context: "TaskContext[..., Any]", email: str) -> None:
    """Mail a confirmation link, if the address waits for one; once, however often this runs."""
    answer_missing_confirmation(email, occasion=context.task_result.id)


@task
def clear_sessions() -> None:
    """Delete the sessions that have ended: Django keeps them until it is asked. Safe to run twice."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
