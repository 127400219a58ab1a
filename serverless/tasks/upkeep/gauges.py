"""How much waits in each queue, and for how long: once a minute, from the tick."""

from serverless.metrics import Metric, put
from serverless.tasks.upkeep.figures import depths
from serverless.tasks.work.tally import NAMESPACE


def emit(database: str) -> None:
    """Write a line for each queue. A queue of two databases adds up, as CloudWatch sums the values of a minute."""
    for depth in depths(database):
        put(
            NAMESPACE,
            {
                "Due": Metric(value=depth.due, unit="Count"),
                "Later": Metric(value=depth.later, unit="Count"),
                "Running": Metric(value=depth.running, unit="Count"),
                "OldestDue": Metric(value=round(depth.oldest, 3), unit="Seconds"),
            },
            dimensions={"Queue": depth.queue},
        )
