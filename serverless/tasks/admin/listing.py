"""The list of tasks at a bounded cost: what is searched, counted and filtered, whatever the table holds.

Unfiltered pages read the primary key from its newest end. A filter or a search looks at the newest ``SEARCHED`` rows
of the chosen state alone, each state through an index. A full id is looked up directly.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.tasks import task_backends
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from serverless.ids import first_of
from serverless.tasks.models import UNFINISHED, State, TaskRow
from serverless.tasks.operate.selection import in_state

SEARCHED = 50_000

_AGES = {
    "hour": (_("Past hour"), timedelta(hours=1)),
    "day": (_("Past day"), timedelta(days=1)),
    "week": (_("Past 7 days"), timedelta(days=7)),
}
_OLDER = {
    "over-hour": (_("Over an hour ago"), timedelta(hours=1)),
    "over-day": (_("Over a day ago"), timedelta(days=1)),
}


class TaskList(ChangeList):
    """Applies the bound to whatever was filtered."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> "QuerySet[TaskRow]":
        rows: QuerySet[TaskRow] = super().get_queryset(request, exclude_parameters)
        narrowed = [name for name in ("q", "queue", "task", "age") if request.GET.get(name)]
        if not narrowed or exact_id(request.GET.get("q", "")) or (narrowed == ["age"] and _state(request) is None):
            return rows
        return rows.filter(**self._newest(request, rows.db))

    def _newest(self, request: HttpRequest, database: str) -> dict[str, Any]:
        """Return the condition that leaves the newest ``SEARCHED`` rows of the state: a range of its index."""
        state, field = _state(request), order(request)
        within = in_state(TaskRow.objects.using(database), state)
        if state is None:
            within = aged(within, request.GET.get("age"))
        last = list(within.order_by(field).values_list(field.lstrip("-"), flat=True)[SEARCHED : SEARCHED + 1])
        return {f"{field.lstrip('-')}__{'gt' if field.startswith('-') else 'lt'}": value for value in last}


def order(request: HttpRequest) -> str:
    """Return the order that an index has for the chosen state; for all of them that of enqueueing."""
    state = _state(request)
    return "-pk" if state is None else "wake_at" if state in UNFINISHED else "-finished_at"


def _state(request: HttpRequest) -> State | None:
    value = request.GET.get("state")
    return State(value) if value in State.values else None


def aged(rows: "QuerySet[TaskRow]", value: str | None) -> "QuerySet[TaskRow]":
    """Narrow ``rows`` to an age by their ids, whose first bits are the time: a range of the primary key."""
    if value in _AGES:
        return rows.filter(pk__gte=first_of(timezone.now() - _AGES[value][1]))
    if value in _OLDER:
        return rows.filter(pk__lt=first_of(timezone.now() - _OLDER[value][1]))
    return rows


def search(rows: "QuerySet[TaskRow]", term: str) -> "QuerySet[TaskRow]":
    """Find a full id, the beginning of a path, or text anywhere in the arguments."""
    if identifier := exact_id(term):
        return rows.filter(pk=identifier)
    if not (term := term.strip().replace("\0", "")):
        return rows
    said = rows.alias(said_args=Cast("args", TextField()), said_kwargs=Cast("kwargs", TextField()))
    return said.filter(Q(path__istartswith=term) | Q(said_args__icontains=term) | Q(said_kwargs__icontains=term))


def exact_id(term: str) -> UUID | None:
    """Read a row's id or a result's, ``default:0199…``."""
    try:
        return UUID(term.strip().rpartition(":")[2])
    except ValueError:
        return None


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> "QuerySet[TaskRow]":  # noqa: ARG002
        value = self.value()
        return in_state(queryset, State(value)) if value in State.values else queryset


class QueueFilter(admin.SimpleListFilter):
    """The queues in TASKS: asking the table which there are would read all of it."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        return [
            (queue, queue) for queue in sorted({name for backend in task_backends.all() for name in backend.queues})
        ]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> "QuerySet[TaskRow]":  # noqa: ARG002
        return queryset.filter(queue=self.value()) if self.value() else queryset


class TaskFilter(admin.SimpleListFilter):
    """The paths among the newest ``SAMPLE`` rows, or the one that was asked for."""

    title = _("task")
    parameter_name = "task"
    SAMPLE = 2000

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - Django's
        newest = TaskRow.objects.order_by("-pk").values_list("path", flat=True)[: self.SAMPLE]
        paths = set(newest) | {path for path in [request.GET.get("task")] if path}
        return ((path, path.rpartition(".")[2]) for path in sorted(paths, key=lambda path: path.rpartition(".")[2]))

    def queryset(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> "QuerySet[TaskRow]":  # noqa: ARG002
        return queryset.filter(path=self.value()) if self.value() else queryset


class AgeFilter(admin.SimpleListFilter):
    title = _("enqueued")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        return [(key, label) for key, (label, _length) in (_AGES | _OLDER).items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[TaskRow]") -> "QuerySet[TaskRow]":  # noqa: ARG002
        return aged(queryset, self.value())
