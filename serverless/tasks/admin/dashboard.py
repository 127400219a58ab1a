"""The first page to open at night: what waits, what fails, how fast it goes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from serverless.tasks.admin.access import database
from serverless.tasks.admin.chart import Series, bars, lines, top
from serverless.tasks.models import Pause
from serverless.tasks.operate.wording import duration, seconds
from serverless.tasks.upkeep import figures
from serverless.tasks.upkeep.figures import MAX_DEAD, MAX_ROWS, Figures, Recent

if TYPE_CHECKING:
    from serverless.tasks.admin.rows import TaskAdmin

# Each period in as many steps as a phone can show.
PERIODS = {"hour": (timedelta(hours=1), 60), "day": (timedelta(days=1), 96)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A picture with its heading, its highest value in words and the names of its series."""

    heading: str
    highest: str
    series: list[tuple[str, str]]
    picture: SafeString


def dashboard(request: HttpRequest, model_admin: "TaskAdmin") -> HttpResponse:
    """Answer with four statements, however large the table is."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    name = request.GET.get("period", "")
    period, steps = PERIODS.get(name, PERIODS["hour"])
    recent = figures.recent(database(), period=period, steps=steps)
    dead = figures.dead(database())
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Dashboard",
        "opts": model_admin.opts,
        "media": model_admin.media,
        "queues": [
            {"depth": depth, "oldest": duration(depth.oldest), "dead": dead.get(depth.queue, 0)}
            for depth in figures.depths(database())
        ],
        "dead_total": sum(dead.values()),
        "dead_capped": sum(dead.values()) >= MAX_DEAD,
        "pauses": list(Pause.objects.using(database())),
        "period": name if name in PERIODS else "hour",
        "periods": list(PERIODS),
        "recent": recent,
        "partial": recent.total.count >= MAX_ROWS,
        "max_rows": MAX_ROWS,
        "panels": _panels(recent),
        "steps": [(label, figures_, _rate(figures_, recent)) for label, figures_ in _labelled(recent)],
        "tasks": [
            (path, one, seconds(one.waited), seconds(one.waited_p95), seconds(one.ran), seconds(one.ran_p95))
            for path, one in recent.tasks.items()
        ],
    }
    return TemplateResponse(request, "admin/tasks/taskrow/dashboard.html", context)


def _panels(recent: Recent) -> list[Panel]:
    minutes = recent.step / timedelta(minutes=1)
    counts = [
        Series(name="done", values=[step.done / minutes for step in recent.steps]),
        Series(name="dead", values=[step.failed / minutes for step in recent.steps]),
    ]
    titles = [f"{label}: {step.done} done, {step.failed} failed" for label, step in _labelled(recent)]
    total = f"{recent.total.done:,} done and {recent.total.failed:,} failed"
    return [
        Panel(
            heading="Finished a minute",
            highest=f"{top(counts, stacked=True):.3g}",
            series=[("done", "done"), ("dead", "failed")],
            picture=bars(counts, label=f"Finished a minute: {total}. The table below has each step.", titles=titles),
        ),
        _latency(recent, "Waited for a worker", median="waited", p95="waited_p95"),
        _latency(recent, "Ran", median="ran", p95="ran_p95"),
    ]


def _latency(recent: Recent, heading: str, *, median: str, p95: str) -> Panel:
    series = [
        Series(name="median", values=[getattr(step, median) for step in recent.steps]),
        Series(name="p95", values=[getattr(step, p95) for step in recent.steps]),
    ]
    middle, high = getattr(recent.total, median), getattr(recent.total, p95)
    label = f"{heading}: median {seconds(middle)}, 95th percentile {seconds(high)}. The table below has each step."
    return Panel(
        heading=heading,
        highest=seconds(top(series)),
        series=[("median", f"median {seconds(middle)}"), ("p95", f"95th percentile {seconds(high)}")],
        picture=lines(series, label=label),
    )


def _labelled(recent: Recent) -> list[tuple[str, Figures]]:
    begin = recent.now - recent.period
    return [(f"{begin + index * recent.step:%H:%M}", step) for index, step in enumerate(recent.steps)]


def _rate(step: Figures, recent: Recent) -> list[str]:
    rate = step.count / (recent.step / timedelta(minutes=1))
    return [f"{rate:.3g}", seconds(step.waited), seconds(step.waited_p95), seconds(step.ran), seconds(step.ran_p95)]
