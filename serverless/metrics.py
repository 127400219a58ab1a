"""Metrics as log lines: CloudWatch reads them out of the log, so that no call is made and no permission is needed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from serverless.catalogue import KNOWN

__all__ = ["Directive", "Metric", "embedded", "put"]

logger = logging.getLogger(__name__)

# Values of one metric in one line, and characters of a dimension's value; the specification above.
MAX_VALUES = 100
MAX_DIMENSION = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number, or at most ``MAX_VALUES`` observations of it."""

    value: float | Sequence[float]
    unit: Literal["Count", "Seconds", "None"]


def put(namespace: str, metrics: Mapping[str, Metric], *, dimensions: Mapping[str, str], summed: bool = False) -> None:
    """Write ``metrics`` as one line that CloudWatch counts under ``dimensions`` and, on Lambda, ``Function``.

    Its name keeps the stages of an account apart. With ``summed`` they count under it alone, too: an alarm cannot add
    up what it does not know the dimensions of. Each combination of dimensions' values is a metric of its own that is
    paid for: queues and tasks, never users. Raises ValueError beyond the format's limits, because CloudWatch would drop
    the line without a word.
    """
    values = {name: metric.value for name, metric in metrics.items()}
    if any(isinstance(value, Sequence) and not 0 < len(value) <= MAX_VALUES for value in values.values()):
        raise ValueError(f"A metric holds 1 to {MAX_VALUES} values a line: write several lines.")
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    own = {"Function": function} if function else {}
    directive = {
        "Namespace": namespace,
        "Dimensions": [[*own, *dimensions], *([list(own)] if summed else [])],
        "Metrics": [{"Name": name, "Unit": metric.unit} for name, metric in metrics.items()],
    }
    aws = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
    said = {name: value[:MAX_DIMENSION] for name, value in {**own, **dimensions}.items()}
    logger.info("metrics", extra={"_aws": aws, **said, **values})


class Directive(dict[str, Any]):
    """The ``_aws`` of a line, which is its own JSON, too: ``serverless.log`` writes that as it is."""

    __slots__ = ("text",)
    text: str


def embedded(namespace: str, values: Mapping[str, float]) -> dict[str, object]:
    """Return what makes a line of metrics out of one that is written anyway: its ``extra=``, under ``Function`` alone.

    As `put` would, with metrics of ``serverless.catalogue``, and what does not change is made once: 2 us of a request
    against 14. Raises KeyError for a metric that the catalogue has not.
    """
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    about, text = _directive(namespace, tuple(values), function)
    now = time.time_ns() // 1_000_000
    aws = Directive(Timestamp=now, CloudWatchMetrics=about)
    aws.text = f'{{"Timestamp": {now}, "CloudWatchMetrics": {text}}}'
    return {"_aws": aws, **({"Function": function} if function else {}), **values}


# As many as there are sets of metrics that are not 0; ten of them change places.
@lru_cache(maxsize=256)
def _directive(namespace: str, names: tuple[str, ...], function: str) -> tuple[list[dict[str, Any]], str]:
    metrics = [{"Name": name, "Unit": KNOWN[namespace, name].unit} for name in names]
    directive = {"Namespace": namespace, "Dimensions": [["Function"] if function else []], "Metrics": metrics}
    return [directive], json.dumps([directive])
