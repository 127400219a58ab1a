"""An atomic task's result is written after its transaction, which has committed the effect by then."""

from typing import Any

from serverless.handlers.main import handler
from serverless.tasks.work.attempt import Attempt


def _settle(self: Attempt, value: Any) -> None: ...


Attempt._settle = _settle  # type: ignore[method-assign]

__all__ = ["handler"]
