"""How much waits in each queue, and for how long: once a minute, from the tick."""

from serverless import catalogue
from serverless.metrics import Metric, put
from serverless.tasks.upkeep.figures import depths


def emit(database: str) -> None:
    """Write a line for each queue. A queue of two databases adds up, as CloudWatch sums the values of a minute."""
    for depth in depths(database):
        found = {
            catalogue.DUE: depth.due,
            catalogue.LATER: depth.later,
            catalogue.RUNNING: depth.running,
            catalogue.OLDEST_DUE: round(depth.oldest, 3),
        }
        put(
            catalogue.TASKS,
            {known.name: Metric(value=value, unit=known.unit) for known, value in found.items()},
            dimensions={"Queue": depth.queue},
        )
