"""How the catalogue's metrics are called in Prometheus, and how a panel's line asks for them.

https://prometheus.io/docs/practices/naming/
"""

import re
from typing import Final

from serverless.catalogue import Kind, Known, Line

__all__ = ["BUCKETS", "full_name", "query"]

# Upper bounds of what is observed: seconds of an answer or a task, statements of a request, connections of a function.
BUCKETS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0,
    120.0, 300.0, 900.0,
)  # fmt: skip
_SUFFIXES: Final = {"Seconds": "_seconds", "Milliseconds": "_milliseconds", "Bytes": "_bytes"}


def full_name(namespace: str, name: str, *, unit: str, kind: Kind) -> str:
    """Return ``serverless_functions_latency_seconds`` for ``Serverless/Functions``, ``Latency``."""
    words = "_".join(_snake(part) for part in (*re.split(r"[^A-Za-z0-9]+", namespace), name) if part)
    whole = words + _SUFFIXES.get(unit, "") + ("_total" if kind == "sum" else "")
    return f"_{whole}" if whole[:1].isdigit() else whole


def query(line: Line) -> str:
    """Return the PromQL of a panel's line: what CloudWatch makes of the same values."""
    known = line.metric
    name, where = _name(known), f'{{function="{line.of}"}}'
    match line.statistic:
        case "Sum":
            return f"sum(increase({name}{where}[$__rate_interval]))"
        case "SampleCount":
            return f"sum(increase({name}_count{where}[$__rate_interval]))"
        case "Average":
            each = (f"sum(rate({name}_{part}{where}[$__rate_interval]))" for part in ("sum", "count"))
            return " / ".join(each)
        case "Maximum":
            return f"max by ({(known.dimension or 'Function').lower()}) ({name}{where})"
        case _:
            rank = int(line.statistic.removeprefix("p")) / 100
            return f"histogram_quantile({rank:g}, sum by (le) (rate({name}_bucket{where}[$__rate_interval])))"


def _name(known: Known) -> str:
    return full_name(known.namespace, known.name, unit=known.unit, kind=known.kind)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
