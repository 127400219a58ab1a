"""What others announce, and the mail that follows."""

import uuid
from typing import Any

from django.tasks import TaskResult, TaskResultStatus

from app.accounts.models import Invitation, User
from app.accounts.team import INVITATION_DAYS
from app.notifications.actions import one_line, send_mail_later
from app.notifications.models import OutboxEmail
from app.notifications.tasks import send_email


def mail_confirmation(sender: object, *, user: User, link: str, occasion: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Send the link that proves an address. The mail repeats nothing that was typed: anyone may type any address."""
    _mail("confirm_address", user=user, occasion=occasion, context={"link": link})


def mail_account_exists(sender: object, *, user: User, links: dict[str, str], occasion: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Tell the owner of an address that somebody signed up with it again."""
    _mail("account_exists", user=user, occasion=occasion, context=links)


def mail_reset(sender: object, *, user: User, link: str, occasion: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Send the link under which a new password is chosen."""
    _mail("reset_password", user=user, occasion=occasion, context={"link": link})


def mail_invitation(sender: object, *, invitation: Invitation, link: str, occasion: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Send the link that opens a studio to somebody new. Names the studio; the inviting person's address proves it."""
    send_mail_later(
        "notifications/email/invitation",
        to=invitation.email,
        context={
            "studio": one_line(invitation.studio.name),
            "inviter": invitation.invited_by.email,
            "days": INVITATION_DAYS,
            "link": link,
        },
        idempotency_key=f"invitation:{occasion}",
    )


def fail_email_of_dead_task(sender: object, task_result: "TaskResult[..., Any]", **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Mark the mail failed; retrying its task in the admin still sends it."""
    if task_result.status != TaskResultStatus.FAILED or task_result.task.module_path != send_email.module_path:
        return
    email_id = uuid.UUID(task_result.kwargs.get("email_id") or task_result.args[0])
    OutboxEmail.objects.filter(pk=email_id, state=OutboxEmail.State.PENDING).update(state=OutboxEmail.State.FAILED)


def _mail(template: str, *, user: User, occasion: str, context: dict[str, str]) -> None:
    send_mail_later(
        f"notifications/email/{template}", to=user.email, context=context, idempotency_key=f"{template}:{occasion}"
    )
