"""Reports in Django's admin."""

from django.contrib import admin

from app.reports.models import Report
from serverless.db.shards.admin import OnShard
from serverless.listing import LargeTable


@admin.register(Report)
class ReportAdmin(OnShard, LargeTable):
    """Reports of every studio, for finding out what became of one."""

    list_display = ["kind", "gallery", "state", "error", "pages", "bytes", "created_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["gallery"]
    search_fields = ["gallery__title"]
    readonly_fields = [
        "id", "studio", "gallery", "kind", "options", "gallery_version", "state", "key", "bytes", "pages", "photos",
        "error", "created_at",
    ]  # fmt: skip

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody: a report begins in the studio, with its task."""
        return False
