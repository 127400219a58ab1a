"""No `close_old_connections`: a connection is kept for ever, with a server at its other end or not."""

from collections.abc import Callable
from typing import Any

from serverless.db import again
from serverless.handlers.main import handler
from serverless.tasks.upkeep import tick
from serverless.tasks.work import batch, shift, worker


def _nothing() -> None: ...


def _at_once(statement: Callable[[], Any], **_: object) -> Any:
    return statement()


for _module in (batch, tick, again):
    vars(_module)["close_old_connections"] = _nothing
for _module in (shift, tick, worker):
    vars(_module)["patiently"] = _at_once

__all__ = ["handler"]
