"""The app's configuration."""

from django.apps import AppConfig
from django.tasks.signals import task_finished


class NotificationsConfig(AppConfig):
    """Mails, and who asks for them."""

    name = "app.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Listen to what accounts announce, and for mails whose task gave up."""
        from app.accounts import signals
        from app.notifications import receivers

        task_finished.connect(receivers.fail_email_of_dead_task, dispatch_uid="app.notifications.dead_task")
        signals.address_unproven.connect(receivers.mail_confirmation, dispatch_uid="app.notifications.confirmation")
        signals.address_taken.connect(receivers.mail_account_exists, dispatch_uid="app.notifications.account_exists")
        signals.password_forgotten.connect(receivers.mail_reset, dispatch_uid="app.notifications.reset")
        signals.invited.connect(receivers.mail_invitation, dispatch_uid="app.notifications.invitation")
