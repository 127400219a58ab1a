"""The metrics of functions' logs as Prometheus reads them: what CloudWatch would make of the same lines.

Lines of logs come in, one text leaves; https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import json
import re
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import isfinite
from typing import Any, Final

from aiohttp import web

from serverless.catalogue import KNOWN, Kind
from serverless.emulator.logs import Log
from serverless.emulator.prometheus import BUCKETS, full_name

__all__ = ["CONTENT_TYPE", "PATH", "Handle", "Scrape", "beside"]

type Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

# Of this machine alone: on AWS it is one of the project's own paths.
PATH: Final = "/_local/metrics"

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Each is a line, or one a bucket, of every scrape. A dimension with as many values is a mistake that CloudWatch charges
# $0.30 a month for, each.
MOST_SERIES: Final = 1000
_TYPES: Final[Mapping[Kind, str]] = {"sum": "counter", "level": "gauge", "spread": "histogram"}
_DROPPED: Final = "serverless_scrape_dropped_total"

type _Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Series:
    """Values of one metric under one set of labels."""

    last: float = 0.0
    total: float = 0.0
    count: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))

    def take(self, value: float) -> None:
        self.last = value
        self.total += value
        self.count += 1
        self.buckets[bisect_left(BUCKETS, value)] += 1


@dataclass(slots=True, kw_only=True)
class _Family:
    kind: Kind
    text: str
    series: dict[_Labels, _Series] = field(default_factory=dict)


class Scrape:
    """Everything that was counted since the emulator started."""

    def __init__(self) -> None:
        self._families: dict[str, _Family] = {}
        self._begun: set[tuple[str, _Labels]] = set()
        self._series = 0
        self._dropped = 0

    def listening(self, log: Log) -> Log:
        """Return a log that takes the metrics out of what it hands on to ``log``."""

        def listen(line: str) -> None:
            self.read(line)
            log(line)

        return listen

    def read(self, line: str) -> None:
        """Take the metrics out of a line, if there are any. A line that is not what it seems holds none."""
        if '"_aws"' not in line:
            return
        try:
            said = json.loads(line[line.index("{") :])
            taken = list(_values(said))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return
        for found in taken:
            self._take(*found)

    def text(self) -> str:
        """Return the page that Prometheus fetches."""
        lines = [line for name in sorted(self._families) for line in _family(name, self._families[name])]
        return "\n".join([
            *lines,
            f"# HELP {_DROPPED} Values of further metrics than {MOST_SERIES}, which are not kept.",
            f"# TYPE {_DROPPED} counter",
            f"{_DROPPED} {self._dropped}",
            "",
        ])  # fmt: skip

    def _take(self, namespace: str, name: str, unit: str, labels: _Labels, values: list[float]) -> None:
        known = KNOWN.get((namespace, name))
        # Of somebody else's metric nothing is known: number and sum of its values are true of any.
        kind: Kind = known.kind if known else "spread"
        if known and known.dimension is None:
            self._begin(namespace, labels)
        series = self._at(full_name(namespace, name, unit=unit, kind=kind), kind, known.text if known else name, labels)
        if series is None:
            self._dropped += len(values)
            return
        for value in values:
            series.take(value)

    def _begin(self, namespace: str, labels: _Labels) -> None:
        """Let what a function has not counted yet be 0: of a counter that begins at 1 Prometheus sees no increase."""
        if (namespace, labels) in self._begun:
            return
        self._begun.add((namespace, labels))
        for known in KNOWN.values():
            if known.namespace == namespace and known.dimension is None:
                name = full_name(namespace, known.name, unit=known.unit, kind=known.kind)
                self._at(name, known.kind, known.text, labels)

    def _at(self, name: str, kind: Kind, text: str, labels: _Labels) -> _Series | None:
        """Return the values of one metric under these labels, or None where there are too many already."""
        family = self._families.setdefault(name, _Family(kind=kind, text=text))
        if labels not in family.series:
            if self._series >= MOST_SERIES:
                return None
            self._series += 1
            family.series[labels] = _Series()
        return family.series[labels]


def beside(handle: Handle, scrape: Scrape) -> Handle:
    """Return what answers as ``handle`` does, but for the page that Prometheus reads."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path != PATH or request.method not in {"GET", "HEAD"}:
            return await handle(request)
        return web.Response(text=scrape.text(), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})

    return answer


def _values(said: Mapping[str, Any]) -> Iterator[tuple[str, str, str, _Labels, list[float]]]:
    """Yield namespace, name, unit, labels and values of each metric of a line.

    Of several sets of dimensions the largest: the smaller ones are its sums, and Prometheus adds up by itself.
    """
    for directive in said["_aws"]["CloudWatchMetrics"]:
        dimensions: list[str] = max(directive["Dimensions"], key=len, default=[])
        labels = tuple({_word(name).lower(): str(said[name]) for name in dimensions}.items())
        for metric in directive["Metrics"]:
            value = said[metric["Name"]]
            values = [float(each) for each in (value if isinstance(value, list) else [value])]
            if not all(map(isfinite, values)):
                raise ValueError("Not a number: CloudWatch would drop it.")
            yield str(directive["Namespace"]), str(metric["Name"]), str(metric.get("Unit", "None")), labels, values


def _family(name: str, family: _Family) -> Iterator[str]:
    if not family.series:
        return
    yield f"# HELP {name} {family.text}"
    yield f"# TYPE {name} {_TYPES[family.kind]}"
    for labels, series in sorted(family.series.items()):
        if family.kind == "sum":
            yield f"{name}{_braced(labels)} {_number(series.total)}"
        elif family.kind == "level":
            yield f"{name}{_braced(labels)} {_number(series.last)}"
        else:
            for bound, count in zip([*BUCKETS, float("inf")], accumulate(series.buckets), strict=True):
                yield f"{name}_bucket{_braced((*labels, ('le', _bound(bound))))} {count}"
            yield f"{name}_sum{_braced(labels)} {_number(series.total)}"
            yield f"{name}_count{_braced(labels)} {series.count}"


def _bound(bound: float) -> str:
    return _number(bound) if isfinite(bound) else "+Inf"


def _number(value: float) -> str:
    return f"{value:.12g}"


def _braced(labels: _Labels) -> str:
    return f"{{{','.join(f'{name}="{_escaped(value)}"' for name, value in labels)}}}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _word(name: str) -> str:
    return re.sub(r"^(?=\d)|[^A-Za-z0-9_]", "_", name)
