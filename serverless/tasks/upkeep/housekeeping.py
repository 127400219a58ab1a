"""What the tick does once everything is sent: park what is paused, delete what is old, measure what waits."""

from serverless import context
from serverless.tasks.upkeep import gauges, retention
from serverless.tasks.work import pausing


def keep(database: str, *, reserve: float) -> None:
    """Keep one database in order, as far as the time reaches: nothing begins with fewer than ``reserve`` seconds left.

    Raises the database's errors.
    """
    for job in (pausing.park, gauges.emit, retention.prune_finished):
        left = context.remaining()
        if left is None or left >= reserve:
            job(database)
