"""Share links in Django's admin."""

from django.contrib import admin

from app.sharing.models import ShareLink
from serverless.db.shards.admin import OnShard
from serverless.listing import LargeTable


@admin.register(ShareLink)
class ShareLinkAdmin(OnShard, LargeTable):
    """Share links; a new one is made in the studio, where its token is shown."""

    list_display = ["label", "gallery", "lock_kind", "wrong_tries", "expires_at", "revoked_at", "created_at"]
    list_select_related = ["gallery"]
    search_fields = ["label", "gallery__title"]
    readonly_fields = ["studio", "gallery", "created_at", "lock_kind", "wrong_tries", "rests_until"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody: a link made here would have no token."""
        return False
