"""The one list of the metrics that this package writes, and of the panels that show them.

CloudWatch's dashboard, Prometheus' text of the emulator and the Grafana dashboard are made from it, and whoever writes
a metric takes it from here: none can name what another does not have. Pure: the stack and the emulator read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "DATABASE",
    "FUNCTIONS",
    "KNOWN",
    "PANELS",
    "TASKS",
    "Dimension",
    "Kind",
    "Known",
    "Line",
    "Panel",
    "Statistic",
]

# Namespaces of CloudWatch.
FUNCTIONS: Final = "Serverless/Functions"
TASKS: Final = "Serverless/Tasks"
DATABASE: Final = "Serverless/Database"

type Kind = Literal["sum", "level", "spread"]
"""What becomes of several values: they add up, the last one counts, or each is one observation of many."""
type Dimension = Literal["Queue", "Task", "Rule"]
"""Beside ``Function``, which all of them have. Each value of it is a metric of its own that is paid for.

What has a task or a rule is written under ``Function`` alone as well, and shown so."""
type Statistic = Literal["Sum", "Average", "Maximum", "SampleCount", "p50", "p90", "p99"]
type Where = Literal["web", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A metric. ``text`` says in one sentence what a value is."""

    namespace: str
    name: str
    unit: Literal["Count", "Seconds"]
    kind: Kind
    text: str
    dimension: Dimension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a panel: a metric of one of the functions, or of each queue, where it has that dimension."""

    label: str
    metric: Known
    statistic: Statistic
    of: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    title: str
    about: Literal["requests", "data", "tasks"]
    lines: tuple[Line, ...]


def _function(name: str, kind: Kind, text: str, *, unit: Literal["Count", "Seconds"] = "Count") -> Known:
    return Known(namespace=FUNCTIONS, name=name, unit=unit, kind=kind, text=text)


def _task(name: str, kind: Kind, text: str, *, by: Dimension, unit: Literal["Count", "Seconds"] = "Count") -> Known:
    return Known(namespace=TASKS, name=name, unit=unit, kind=kind, text=text, dimension=by)


# --- what each invocation reports -----------------------------------------------------------------------------------
LATENCY: Final = _function("Latency", "spread", "Time in which a request was answered, inside the function.",
                           unit="Seconds")  # fmt: skip
CLIENT_ERRORS: Final = _function("ClientErrors", "sum", "Requests that were answered with a status of 400 to 499.")
SERVER_ERRORS: Final = _function("ServerErrors", "sum", "Requests that were answered with a status of 500 or more.")
COLD_STARTS: Final = _function("ColdStarts", "sum", "Invocations that were the first of their execution environment.")
QUERIES: Final = _function("Queries", "spread", "Statements that an invocation sent to its databases.")
CACHE_HITS: Final = _function("CacheHits", "sum", "Keys that a cache was asked for, and had.")
CACHE_MISSES: Final = _function("CacheMisses", "sum", "Keys that a cache was asked for, and had not.")
CACHE_AWAY: Final = _function("CacheAway", "sum", "Calls that a cache did not answer, or was spared after one.")
OPENED: Final = _function("ConnectionsOpened", "sum", "Connections that an invocation opened to databases.")
KEPT: Final = _function("ConnectionsKept", "spread", "Connections to databases that were open after an invocation.")

# --- what tasks report ----------------------------------------------------------------------------------------------
SUCCEEDED: Final = _task("Succeeded", "sum", "Attempts at tasks that succeeded.", by="Task")
RETRIED: Final = _task("Retried", "sum", "Attempts at tasks that failed, with another one to come.", by="Task")
FAILED: Final = _task("Failed", "sum", "Tasks that are dead: their attempts are spent.", by="Task")
DURATION: Final = _task("Duration", "spread", "Time that an attempt at a task took.", by="Task", unit="Seconds")
DUE: Final = _task("Due", "level", "Tasks that could run now and do not.", by="Queue")
LATER: Final = _task("Later", "level", "Tasks whose time has not come.", by="Queue")
RUNNING: Final = _task("Running", "level", "Tasks that run now.", by="Queue")
OLDEST_DUE: Final = _task("OldestDue", "level", "Age of the task that has been due for longest.", by="Queue",
                          unit="Seconds")  # fmt: skip

# --- what the detector of pins reports ------------------------------------------------------------------------------
PINS: Final = Known(namespace=DATABASE, name="Pins", unit="Count", kind="sum", dimension="Rule",
                    text="Statements that pin a connection, in invocations that were looked at.")  # fmt: skip

KNOWN: Final[Mapping[tuple[str, str], Known]] = {
    (each.namespace, each.name): each
    for each in (
        LATENCY, CLIENT_ERRORS, SERVER_ERRORS, COLD_STARTS, QUERIES, CACHE_HITS, CACHE_MISSES, CACHE_AWAY, OPENED, KEPT,
        SUCCEEDED, RETRIED, FAILED, DURATION, DUE, LATER, RUNNING, OLDEST_DUE,
        PINS,
    )
}  # fmt: skip


def _panel(
    title: str, about: Literal["requests", "data", "tasks"], *lines: tuple[str, Known, Statistic, Where]
) -> Panel:
    made = tuple(Line(label=label, metric=metric, statistic=how, of=of) for label, metric, how, of in lines)
    return Panel(title=title, about=about, lines=made)


PANELS: Final = (
    _panel(
        "Web: requests", "requests",
        ("all", LATENCY, "SampleCount", "web"),
        ("4xx", CLIENT_ERRORS, "Sum", "web"),
        ("5xx", SERVER_ERRORS, "Sum", "web"),
    ),
    _panel(
        "Web: latency, s", "requests",
        ("p50", LATENCY, "p50", "web"),
        ("p90", LATENCY, "p90", "web"),
        ("p99", LATENCY, "p99", "web"),
    ),
    _panel(
        "Cold starts", "requests",
        ("web", COLD_STARTS, "Sum", "web"),
        ("worker", COLD_STARTS, "Sum", "worker"),
    ),
    _panel(
        "Statements an invocation", "data",
        ("web", QUERIES, "Average", "web"),
        ("web p99", QUERIES, "p99", "web"),
        ("worker", QUERIES, "Average", "worker"),
    ),
    _panel(
        "Connections opened", "data",
        ("web", OPENED, "Sum", "web"),
        ("worker", OPENED, "Sum", "worker"),
    ),
    _panel(
        "Connections kept, an environment", "data",
        ("web", KEPT, "Average", "web"),
        ("worker", KEPT, "Average", "worker"),
    ),
    _panel(
        "Statements that pin", "data",
        ("web", PINS, "Sum", "web"),
        ("worker", PINS, "Sum", "worker"),
    ),
    _panel(
        "Web: cache", "data",
        ("found", CACHE_HITS, "Sum", "web"),
        ("not found", CACHE_MISSES, "Sum", "web"),
        ("away", CACHE_AWAY, "Sum", "web"),
    ),
    _panel(
        "Tasks", "tasks",
        ("succeeded", SUCCEEDED, "Sum", "worker"),
        ("retried", RETRIED, "Sum", "worker"),
        ("failed", FAILED, "Sum", "worker"),
    ),
    _panel(
        "Tasks: duration, s", "tasks",
        ("p50", DURATION, "p50", "worker"),
        ("p99", DURATION, "p99", "worker"),
    ),
    _panel("Tasks due", "tasks", ("due", DUE, "Maximum", "worker")),
    _panel("Tasks running", "tasks", ("running", RUNNING, "Maximum", "worker")),
    _panel("Tasks for later", "tasks", ("later", LATER, "Maximum", "worker")),
    _panel("Oldest task due, s", "tasks", ("oldest", OLDEST_DUE, "Maximum", "worker")),
)  # fmt: skip
