"""Retry, cancel and purge: on the list for many, on a task's page for one; each asks before it acts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from serverless.listing import COUNTED
from serverless.tasks.admin.access import database
from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate.cancel import cancel
from serverless.tasks.operate.retry import retry_dead
from serverless.tasks.operate.selection import in_batches, purgeable

_BOTH = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
SHOWN = 10


class Actions(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """The actions and who may use them. Batches of a thousand rows, each in a transaction of its own."""

    actions = ["retry", "cancel", "purge"]

    @admin.action(description=_("Retry dead tasks"), permissions=["retry"], location=_BOTH)
    def retry(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> HttpResponse | None:
        rows = queryset.filter(state=State.DEAD)
        if page := self._confirmation(request, rows, title=_("Retry"), said=_("run again, with all attempts")):
            return page

        def work(ids: list[UUID]) -> int:
            return retry_dead(TaskRow.objects.using(database()).filter(pk__in=ids))

        self._act(request, rows, work, _("Tasks that will run again: %(count)d."))
        return None

    @admin.action(description=_("Cancel tasks that have not begun"), permissions=["cancel"], location=_BOTH)
    def cancel(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> HttpResponse | None:
        rows = queryset.filter(state__in=[State.READY, State.RUNNING])
        said = _("never run, unless retried; what a worker holds is left alone")
        if page := self._confirmation(request, rows, title=_("Cancel"), said=said):
            return page

        def work(ids: list[UUID]) -> int:
            return len(cancel(ids, database=database(), by=str(request.user)))

        self._act(request, rows, work, _("Tasks that were cancelled: %(count)d."))
        return None

    @admin.action(description=_("Purge finished tasks"), permissions=["purge"], location=_BOTH)
    def purge(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> HttpResponse | None:
        rows = queryset.filter(state__in=[State.DONE, State.DEAD])
        said = _("be deleted for good, with results and errors")
        if page := self._confirmation(request, rows, title=_("Purge"), said=said):
            return page

        def work(ids: list[UUID]) -> int:
            return purgeable(TaskRow.objects.using(database()).filter(pk__in=ids)).delete()[0]

        self._act(request, rows, work, _("Tasks that were purged: %(count)d."))
        return HttpResponseRedirect(reverse("admin:tasks_taskrow_changelist"))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_purge_permission(self, request: HttpRequest) -> bool:
        return super().has_delete_permission(request)

    def _confirmation(
        self, request: HttpRequest, rows: "QuerySet[TaskRow]", *, title: Any, said: Any
    ) -> HttpResponse | None:
        """Return the page that asks, or None once it was answered. It posts what was posted, and the answer."""
        if request.POST.get("confirmed"):
            return None
        ids = list(rows.order_by("-pk").values_list("pk", flat=True)[:COUNTED])
        posted = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name not in {"csrfmiddlewaretoken", "confirmed"}
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": title, "said": said, "count": len(ids), "all_counted": len(ids) < COUNTED, "posted": posted,
            "rows": rows.filter(pk__in=ids[:SHOWN]), "more": max(len(ids) - SHOWN, 0), "opts": self.opts,
            "media": self.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/tasks/taskrow/confirm.html", context)

    def _act(
        self, request: HttpRequest, rows: "QuerySet[TaskRow]", work: Callable[[list[UUID]], int], text: Any
    ) -> None:
        count = in_batches(rows, work, limit=COUNTED)
        if count == 0:
            self.message_user(request, _("Nothing was changed: no chosen task was in that state."), messages.WARNING)
        else:
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        if count == COUNTED:
            self.message_user(request, _("There may be more: repeat the action for the rest."), messages.INFO)
