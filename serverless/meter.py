"""What an invocation came to: one line of metrics for each, under the name of its function.

The numbers are those of ``serverless.catalogue``. What is 0 is mostly not written: CloudWatch charges a metric for the
hours in which it has values.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from serverless import catalogue, queries
from serverless.cache.counts import counts
from serverless.conf import conf
from serverless.metrics import embedded

__all__ = ["Mark", "Meter"]

# Metrics whatever LOG_LEVEL is.
_lines = logging.getLogger("serverless.metrics")

_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500


@dataclass(slots=True)
class Mark:
    """How far the process's counters were."""

    sent: int = field(default_factory=queries.sent)
    opened: int = field(default_factory=queries.opened)
    hits: int = field(default_factory=lambda: counts.hits)
    misses: int = field(default_factory=lambda: counts.misses)
    away: int = field(default_factory=lambda: counts.away)


class Meter:
    """Reads this process's counters; one invocation at a time."""

    def __init__(self) -> None:
        self.cold = True
        """Whether no invocation has been reported yet: then this is the environment's first."""

    def of_request(self, mark: Mark, *, seconds: float, status: int) -> dict[str, object]:
        """Return the fields that make a line of metrics, for the request's own line; {} where it is not to have any."""
        values: dict[str, float] = {catalogue.LATENCY.name: round(seconds, 4)}
        if status >= _SERVER_ERROR:
            values[catalogue.SERVER_ERRORS.name] = 1
        elif status >= _CLIENT_ERROR:
            values[catalogue.CLIENT_ERRORS.name] = 1
        return self._fields(mark, values)

    @contextmanager
    def invocation(self) -> Iterator[None]:
        """Write the line of an invocation that is no request, whatever becomes of it."""
        mark = Mark()
        try:
            yield
        finally:
            self.write(self._fields(mark, {}))

    def write(self, fields: dict[str, object]) -> None:
        """Write a line that holds nothing else."""
        if fields:
            _lines.info("metrics", extra=fields)

    def _fields(self, mark: Mark, values: dict[str, float]) -> dict[str, object]:
        cold, self.cold = self.cold, False
        share = conf().metrics.share
        if share < 1 and random.random() >= share:  # noqa: S311 - a sample, no secret
            return {}
        values[catalogue.QUERIES.name] = queries.sent() - mark.sent
        found = (
            (catalogue.COLD_STARTS.name, int(cold)),
            (catalogue.CACHE_HITS.name, counts.hits - mark.hits),
            (catalogue.CACHE_MISSES.name, counts.misses - mark.misses),
            (catalogue.CACHE_AWAY.name, counts.away - mark.away),
            (catalogue.OPENED.name, queries.opened() - mark.opened),
            (catalogue.KEPT.name, queries.kept()),
        )
        values.update((name, value) for name, value in found if value)
        return embedded(catalogue.FUNCTIONS, values)
