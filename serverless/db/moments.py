"""When something was, for an environment that may have been frozen since."""

import time
from dataclasses import dataclass, field

__all__ = ["Moment"]


@dataclass(frozen=True, slots=True)
class Moment:
    """On two clocks, because a frozen environment's own may stand still, and the wall's may be set back."""

    steady: float = field(default_factory=time.monotonic)
    wall: float = field(default_factory=time.time)

    def age(self) -> float:
        """Return the seconds since, by the clock that says more."""
        return max(time.monotonic() - self.steady, time.time() - self.wall)
