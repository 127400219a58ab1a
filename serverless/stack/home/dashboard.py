"""One page that answers: is it up, is it fast, does anything wait, is anything full.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from troposphere import Sub, Template
from troposphere.cloudwatch import Dashboard

from serverless import catalogue
from serverless.stack.config import StackConfig
from serverless.stack.home import alarms, measures
from serverless.stack.home.measures import Measure, Measured
from serverless.stack.home.parts import Database, Text
from serverless.stack.home.watches import Watch
from serverless.stack.names import FUNCTIONS

__all__ = ["add"]

_COLUMNS: Final = 24
_ACROSS: Final = 3
_HEIGHT: Final = 6
_ALARMS_HEIGHT: Final = 4
_PERIOD_S: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graph:
    title: str
    lines: Mapping[str, Measure]
    """By what they are called."""


@dataclass(slots=True, kw_only=True)
class _Values:
    """What CloudFormation puts into the text: a variable for each reference in it."""

    by_name: dict[str, Text] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def text(self, value: Text) -> str:
        if isinstance(value, str):
            return value
        name = self.names.setdefault(json.dumps(value.to_dict()), f"Value{len(self.names)}")
        self.by_name[name] = value
        return f"${{{name}}}"


def add(template: Template, config: StackConfig, measured: Measured, watched: Sequence[Watch]) -> None:
    """Add the dashboard: the state of all alarms, then graphs, three in a row."""
    values = _Values()
    widgets = [_alarms(config, watched)]
    for number, graph in enumerate(_graphs(config, measured)):
        row, column = divmod(number, _ACROSS)
        widgets.append(
            {
                "type": "metric",
                "x": column * (_COLUMNS // _ACROSS),
                "y": _ALARMS_HEIGHT + row * _HEIGHT,
                "width": _COLUMNS // _ACROSS,
                "height": _HEIGHT,
                "properties": _properties(graph, values),
            }
        )
    body = json.dumps({"widgets": widgets}, separators=(",", ":"))
    template.add_resource(
        # All regions of an account share their names, and a lost one keeps its own.
        Dashboard(
            "Dashboard", DashboardName=f"{config.prefix}-{config.region}", DashboardBody=Sub(body, **values.by_name)
        )
    )


def _alarms(config: StackConfig, watched: Sequence[Watch]) -> dict[str, Any]:
    arn = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:"
    return {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": _COLUMNS,
        "height": _ALARMS_HEIGHT,
        "properties": {"title": "Alarms", "alarms": [f"{arn}{alarms.name(config, watch)}" for watch in watched]},
    }


def _properties(graph: _Graph, values: _Values) -> dict[str, Any]:
    lines = []
    for label, measure in graph.lines.items():
        dimensions = [text for pair in measure.dimensions.items() for text in (pair[0], values.text(pair[1]))]
        lines.append([measure.namespace, measure.name, *dimensions, {"stat": measure.statistic, "label": label}])
    return {
        "title": graph.title,
        "region": "${AWS::Region}",
        "view": "timeSeries",
        "period": _PERIOD_S,
        "yAxis": {"left": {"min": 0}},
        "metrics": lines,
    }


def _graphs(config: StackConfig, measured: Measured) -> Iterator[_Graph]:
    yield from _requests(config, measured)
    yield from _tasks(config, measured)
    yield from _data(config, measured)
    if config.sends_from:
        rates = {"bounces": "Reputation.BounceRate", "complaints": "Reputation.ComplaintRate"}
        yield _Graph(title="Mail, account", lines={label: measures.mail(name) for label, name in rates.items()})


def _requests(config: StackConfig, measured: Measured) -> Iterator[_Graph]:
    api = measured.api
    yield _Graph(
        title="Requests",
        lines={
            "all": measures.api(api, "Count", "Sum"),
            "4xx": measures.api(api, "4xx", "Sum"),
            "5xx": measures.api(api, "5xx", "Sum"),
        },
    )
    yield _Graph(
        title="Answers, ms",
        lines={f"{p}": measures.api(api, "Latency", p) for p in ("p50", "p90", "p99")},
    )
    for name, statistic in (("Errors", "Sum"), ("Throttles", "Sum"), ("ConcurrentExecutions", "Maximum")):
        lines: dict[str, Measure] = {
            which: measures.function(config.prefix, which, name, statistic) for which in FUNCTIONS
        }
        yield _Graph(title=f"Functions: {name}", lines=lines)
    durations = {
        f"{which} {p}": measures.function(config.prefix, which, "Duration", p)
        for which in ("web", "worker")
        for p in ("p50", "p99")
    }
    yield _Graph(title="Functions: Duration, ms", lines=durations)
    yield from _own(config, measured, "requests")


def _own(config: StackConfig, measured: Measured, about: str) -> Iterator[_Graph]:
    """What the functions write into their logs, by the catalogue's panels: a line for each queue where it has that."""
    for panel in catalogue.PANELS:
        if panel.about != about:
            continue
        lines: dict[str, Measure] = {}
        for line in panel.lines:
            if line.metric.dimension == "Queue":
                lines |= {q.name: measures.own(config.prefix, line, queue=q) for q in measured.queues.queues}
            else:
                lines[line.label] = measures.own(config.prefix, line)
        yield _Graph(title=panel.title, lines=lines)


def _tasks(config: StackConfig, measured: Measured) -> Iterator[_Graph]:
    queues = measured.queues.queues
    yield from _own(config, measured, "tasks")
    yield _Graph(title="Dead letters", lines={q.name: measures.dead_letters(q) for q in queues})


def _data(config: StackConfig, measured: Measured) -> Iterator[_Graph]:
    yield from _own(config, measured, "data")
    yield from _database(measured.database)
    nodes = list(enumerate(measured.cache.nodes, start=1))
    for title, name, statistic in (
        ("CPU of its thread, %", "EngineCPUUtilization", "Average"),
        ("memory, %", "DatabaseMemoryUsagePercentage", "Average"),
        ("evictions", "Evictions", "Sum"),
    ):
        lines = {f"node {n}": measures.cache(node, name, statistic) for n, node in nodes}
        yield _Graph(title=f"Cache: {title}", lines=lines)


def _database(database: Database) -> Iterator[_Graph]:
    yield _Graph(title="Database: CPU, %", lines={"CPU": measures.database(database, "CPUUtilization", "Average")})
    charged = {"charged": measures.database(database, "CPUSurplusCreditsCharged", "Sum")}
    yield _Graph(title="Database: CPU beyond its class, vCPU-minutes", lines=charged)
    memory = {
        "free": measures.database(database, "FreeableMemory", "Average"),
        "on disk": measures.database(database, "SwapUsage", "Average"),
    }
    yield _Graph(title="Database: memory, bytes", lines=memory)
    open_ = {"open": measures.database(database, "DatabaseConnections", "Maximum")}
    if (proxy := database.proxy_name) is not None:
        open_ |= {
            "clients": measures.proxy(proxy, "ClientConnections", "Maximum"),
            "turned away": measures.proxy(proxy, "ClientConnectionsSetupFailedAuth", "Sum"),
            "pinned": measures.proxy(proxy, "DatabaseConnectionsCurrentlySessionPinned", "Maximum"),
        }
    yield _Graph(title="Database: connections", lines=open_)
    free = {"bytes": measures.database(database, "FreeStorageSpace", "Minimum")}
    yield _Graph(title="Database: free storage", lines=free)
    copies = {f"replica {number}": copy.identifier for number, copy in enumerate(database.replicas, start=1)}
    for title, name in (("behind, s", "ReplicaLag"), ("connections", "DatabaseConnections")) if copies else ():
        lines = {label: measures.instance(which, name, "Maximum") for label, which in copies.items()}
        yield _Graph(title=f"Replicas: {title}", lines=lines)
