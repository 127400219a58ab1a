"""Metrics as log lines: CloudWatch reads them out of the log, so that no call is made and no permission is needed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Metric", "put"]

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
