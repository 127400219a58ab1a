"""How many batches of a queue may be in progress at once, and so how many pollers there are.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html gives start, pace and end.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-backoff-strategy tells what
takes concurrency away. How much, it does not: here one for each failed batch, given back for each that succeeds.
"""

from typing import Final

from serverless.emulator import limits

# Seconds between two additional pollers.
STEP_S: Final = 60 / limits.ESM_MORE_A_MINUTE


class Scaling:
    """`pollers` is how many there should be. Knows no clock: call `grow` every STEP_S while there is a backlog."""

    def __init__(self, *, maximum_concurrency: int | None, report_batch_item_failures: bool) -> None:
        self._most = min(maximum_concurrency or limits.ESM_MOST, limits.ESM_MOST)
        self._least = min(limits.ESM_START, self._most)
        self._slows = not report_batch_item_failures
        self.pollers = self._least

    def grow(self) -> None:
        """Messages are still available."""
        self.pollers = min(self.pollers + 1, self._most)

    def empty(self) -> None:
        """A receive came back with nothing."""
        if self.pollers > self._least:
            self.pollers -= 1

    def succeeded(self) -> None:
        """The function returned, whatever it says of single messages."""
        if self.pollers < self._least:
            self.pollers += 1

    def failed(self) -> None:
        """The function gave no answer. With ReportBatchItemFailures Lambda does not slow down for it."""
        if self._slows:
            self.throttled()

    def throttled(self) -> None:
        """All environments were busy."""
        self.pollers = max(self.pollers - 1, 1)
