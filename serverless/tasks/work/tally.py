"""What one batch came to, per task: a line of metrics for each, once its rows are reported."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import batched

from serverless import catalogue
from serverless.metrics import MAX_VALUES, Metric, put
from serverless.tasks.models import State, TaskRow


@dataclass(slots=True, kw_only=True)
class _Counts:
    succeeded: int = 0
    failed: int = 0
    retried: int = 0
    seconds: list[float] = field(default_factory=list)


# An execution environment works on one batch at a time, and `emit` ends it.
_counts: dict[str, _Counts] = defaultdict(_Counts)


def count(row: TaskRow) -> None:
    """Count the outcome that was just written to ``row``. Its duration is on the database's clock."""
    counts = _counts[row.path]
    if row.state == State.DONE:
        counts.succeeded += 1
    elif row.state == State.DEAD:
        counts.failed += 1
    else:
        counts.retried += 1
    if row.finished_at is not None and row.last_attempted_at is not None:
        counts.seconds.append(round((row.finished_at - row.last_attempted_at).total_seconds(), 3))


def emit() -> None:
    """Write a line for each task that was counted, and begin anew."""
    for path, counts in _counts.items():
        first, *more = list(batched(counts.seconds, MAX_VALUES)) or [()]
        sums = {
            catalogue.SUCCEEDED: counts.succeeded,
            catalogue.FAILED: counts.failed,
            catalogue.RETRIED: counts.retried,
        }
        metrics = {known.name: Metric(value=value, unit=known.unit) for known, value in sums.items()}
        put(catalogue.TASKS, metrics | _duration(first), dimensions={"Task": path}, summed=True)
        for part in more:
            put(catalogue.TASKS, _duration(part), dimensions={"Task": path}, summed=True)
    _counts.clear()


def _duration(seconds: tuple[float, ...]) -> dict[str, Metric]:
    known = catalogue.DURATION
    return {known.name: Metric(value=list(seconds), unit=known.unit)} if seconds else {}
