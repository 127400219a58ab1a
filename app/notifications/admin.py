"""What became of the mails, without their texts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from app.notifications.models import OutboxEmail
from serverless.db.shards.admin import OnShard
from serverless.listing import LargeTable


@admin.register(OutboxEmail)
class OutboxEmailAdmin(OnShard, LargeTable):
    """For looking; a failed mail is sent by retrying its task."""

    list_display = ["to", "subject", "state", "created_at", "sent_at"]
    list_filter = ["state"]
    search_fields = ["to"]
    readonly_fields = ["to", "subject", "state", "idempotency_key", "created_at", "sent_at"]
    exclude = ["text", "html"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's signature
        """Mails are written by the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # Django's signature
        """Nothing to change: what was sent is sent."""
        return False
