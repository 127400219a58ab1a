"""Whether a task that failed is run again, and when."""

import random
from dataclasses import dataclass
from typing import Final

__all__ = ["Exceptions", "Retries"]

type Exceptions = type[BaseException] | tuple[type[BaseException], ...]

MAX_ATTEMPTS: Final = 5
# 15-30 s after the first failure, then twice as much each time: long enough for a failover (60-120 s) to pass before
# the attempts are spent. At most what SQS can delay, so that a retry comes on the second, not on the tick's minute.
BACKOFF: Final = 30.0
MAX_BACKOFF: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """The part of a task's policy that concerns its failures; see ``Task``."""

    max_attempts: int = MAX_ATTEMPTS
    backoff: float = BACKOFF
    max_backoff: float = MAX_BACKOFF
    retry_on: Exceptions = BaseException
    give_up_on: Exceptions = ()

    def allow(self, error: BaseException) -> bool:
        """Tell whether ``error`` leaves the task another attempt, if one is left."""
        return isinstance(error, self.retry_on) and not isinstance(error, self.give_up_on)

    def wait(self, attempts: int) -> float:
        """Return the seconds to wait after ``attempts`` failures: what failed together comes back apart."""
        longest = min(self.max_backoff, self.backoff * 2.0 ** min(attempts - 1, 64))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing
