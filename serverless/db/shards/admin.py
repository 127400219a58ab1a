"""Moves in Django's admin; `OnShard` is for the admin of models that lie on shards."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from serverless.db.shards.choosing import OnShard
from serverless.db.shards.current import is_on
from serverless.db.shards.models import Move
from serverless.listing import LargeTable

__all__ = ["OnShard"]


@admin.register(Move)
class MoveAdmin(LargeTable):
    """What was moved, and how far. For looking: `manage.py shards` moves."""

    list_display = ["key", "source", "target", "step", "closed_at", "switched_at", "ended_at"]
    list_filter = ["step"]
    search_fields = ["key"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Not listed where there are no shards."""
        return is_on() and super().has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False
