"""Going back over a bad line: calls that have to be made, and may be made twice, are made again for two minutes."""

import time
from collections.abc import Callable
from typing import Final

from serverless.deploy.failures import AwsBusy, AwsUnreachable
from serverless.deploy.release.context import Log

__all__ = ["PASSING", "Patience"]

# What passes by itself.
PASSING: Final = (AwsUnreachable, AwsBusy)
_PATIENCE_S: Final = 120.0
_PAUSE_S: Final = 2.0


class Patience:
    """Two minutes, for all that is called with it together."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._until = time.monotonic() + _PATIENCE_S

    def __call__(self, act: Callable[[], None]) -> None:
        """Call ``act`` until AWS takes it, or the time is over. Raises DeployError."""
        while True:
            try:
                return act()
            except PASSING as problem:
                if time.monotonic() + _PAUSE_S > self._until:
                    raise
                self._log(f"{problem.code}; again in {_PAUSE_S:.0f} s")
                time.sleep(_PAUSE_S)
