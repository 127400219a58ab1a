"""The schedules, how far they have come and when they occur next. Settings declare them: there is nothing to change."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from serverless.tasks.schedules.row import ScheduleRow


@admin.register(ScheduleRow)
class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    list_display = ["name", "backend", "rule", "last_at", "next", "last_task"]
    fields = ["name", "backend", "rule", "last_at", "last_task"]

    @admin.display(description=_("next occurrence"))
    def next(self, row: ScheduleRow) -> datetime | None:
        # Every web function loads this module while it starts; few show the page.
        from serverless.tasks.schedules.declaration import schedules
        from serverless.tasks.schedules.upcoming import next_at

        declared = (schedule for schedule in schedules() if schedule.key == (row.backend, row.name))
        return next_at(row, next(declared, None))

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False
