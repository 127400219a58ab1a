"""One section: the list of tasks, each task's page, the actions, and the way to dashboard and dead letters."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from serverless.db.shards.choosing import OnShard
from serverless.listing import COUNTED, BoundedPaginator
from serverless.tasks.admin import letters
from serverless.tasks.admin.access import database
from serverless.tasks.admin.actions import Actions
from serverless.tasks.admin.dashboard import dashboard
from serverless.tasks.admin.detail import detail
from serverless.tasks.admin.listing import (
    SEARCHED,
    AgeFilter,
    QueueFilter,
    StateFilter,
    TaskFilter,
    TaskList,
    order,
    search,
)
from serverless.tasks.exceptions import CANCELLED
from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate.wording import duration, seconds


@admin.register(TaskRow)
class TaskAdmin(OnShard, Actions):
    list_display = ["task", "badge", "attempts", "queue", "age", "ran"]
    list_filter = [StateFilter, QueueFilter, TaskFilter, AgeFilter]
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ["path"]  # shows the field; `get_search_results` says what is searched
    search_help_text = _(
        "A full id, the beginning of a task's path, or text in its arguments. Searches and filters look at the newest "
        "%(searched)s tasks of the chosen state; counts end at %(counted)s."
    ) % {"searched": f"{SEARCHED:,}", "counted": f"{COUNTED:,}"}
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    sortable_by = ()
    fields = ["id"]  # the page is a template of its own

    class Media:
        css: ClassVar = {"all": ["tasks/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("dashboard/", view(dashboard), {"model_admin": self}, name="tasks_dashboard"),
            path("letters/", view(letters.overview), {"model_admin": self}, name="tasks_letters"),
            path("letters/<str:queue>/", view(letters.queue_page), {"model_admin": self}, name="tasks_letters_queue"),
        ]
        return own + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[TaskRow]":  # noqa: ARG002 - Django's signature
        return TaskRow.objects.using(database()).order_by("-pk")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TaskList]:  # noqa: ARG002
        return TaskList

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return [order(request)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "title": _("Tasks")})
        return page

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: "QuerySet[TaskRow]",
        search_term: str,
    ) -> "tuple[QuerySet[TaskRow], bool]":
        # What the list does not show may be large.
        listed = queryset.defer("args", "kwargs", "return_value", "worker_ids", "errors")
        ended_by = KT("errors__-1__exception_class_path")
        return search(listed.annotate(ended_by=ended_by, seen_at=Now()), search_term), False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["detail"] = detail(kwargs["obj"], now=now())
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("task"))
    def task(self, row: TaskRow) -> SafeString:
        module, _dot, name = row.path.rpartition(".")
        return format_html('<strong>{}</strong> <span class="tasks-quiet">{}</span>', name, module)

    @admin.display(description=_("state"))
    def badge(self, row: TaskRow) -> SafeString:
        return badge(row, cancelled=_ended_by(row) == CANCELLED)

    @admin.display(description=_("enqueued"))
    def age(self, row: TaskRow) -> SafeString:
        return format_html(
            '<time datetime="{}" title="{} UTC">{} ago</time>',
            row.enqueued_at.isoformat(), f"{row.enqueued_at:%Y-%m-%d %H:%M:%S}",
            duration(max((_seen_at(row) - row.enqueued_at).total_seconds(), 0)),
        )  # fmt: skip

    @admin.display(description=_("ran"), empty_value="-")
    def ran(self, row: TaskRow) -> str | None:
        if row.finished_at is None or row.last_attempted_at is None or _ended_by(row) == CANCELLED:
            return None
        return seconds((row.finished_at - row.last_attempted_at).total_seconds())

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False


def _ended_by(row: TaskRow) -> str | None:
    return getattr(row, "ended_by", None) if row.state == State.DEAD else None


def _seen_at(row: TaskRow) -> datetime:
    seen_at: datetime = row.seen_at  # type: ignore[attr-defined] # annotated for the list
    return seen_at


def badge(row: TaskRow, *, cancelled: bool) -> SafeString:
    """Return the state as a word with a colour; what was cancelled is told from what failed."""
    name = _("Cancelled") if cancelled else State(row.state).label
    return format_html('<span class="tasks-badge tasks-{}">{}</span>', row.state, name)


def now() -> datetime:
    """Return the database's time, which every time in a row is compared with."""
    with connections[database()].cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (found,) = cursor.fetchone()
    return found  # type: ignore[no-any-return] # the stubs know no types of columns
