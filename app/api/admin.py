"""API tokens in Django's admin."""

from django.contrib import admin

from app.api.models import ApiToken
from serverless.listing import LargeTable


@admin.register(ApiToken)
class ApiTokenAdmin(LargeTable):
    """Tokens of every studio; a new one is made in the studio, where it is shown."""

    list_display = ["label", "studio", "created_at", "expires_at", "revoked_at"]
    list_select_related = ["studio"]
    search_fields = ["label", "studio__name"]
    readonly_fields = ["studio", "created_at"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody: a token made here would be unknown to everyone."""
        return False
