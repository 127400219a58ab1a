"""What ran, what waits, what is dead and why; the one thing to do is to give dead tasks another round."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from serverless.tasks.models import TaskRow
from serverless.tasks.retry import retry_dead
from serverless.tasks.schedules import admin as schedules_admin  # noqa: F401 - Django looks for admin pages here


@admin.register(TaskRow)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    list_display = ["path", "state", "attempts", "queue", "enqueued_at", "finished_at"]
    list_filter = ["state", "queue", "enqueued_at"]
    search_fields = ["path", "id"]
    show_full_result_count = False
    actions = ["retry"]
    fields = [
        "id", "path", "state", "attempts", "queue", "priority", "args", "kwargs", "return_value", "tracebacks",
        "run_after", "enqueued_at", "started_at", "last_attempted_at", "finished_at", "due_at", "wake_at", "sends",
        "lease", "alone", "worker_ids",
    ]  # fmt: skip
    readonly_fields = ["tracebacks"]

    @admin.action(description=_("Run dead tasks again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[TaskRow]) -> None:
        count = retry_dead(queryset)
        text = ngettext("%(count)d task will run again.", "%(count)d tasks will run again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    @admin.display(description=_("tracebacks"))
    def tracebacks(self, row: TaskRow) -> SafeString:
        return format_html_join("", "<pre>{}</pre>", ((error["traceback"],) for error in row.errors))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False
