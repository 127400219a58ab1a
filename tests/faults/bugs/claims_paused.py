"""A pause is the tick's alone: workers claim whatever a message names."""

from serverless.handlers.main import handler
from serverless.tasks.work import lease
from serverless.tasks.work.pausing import NOT_PAUSED

lease._CLAIM = lease._CLAIM.replace(f" AND {NOT_PAUSED}", "")

__all__ = ["handler"]
