"""No `close_old_connections`: a connection is kept for ever, whether or not there is still a server at its other end."""

from collections.abc import Callable
from typing import Any

from serverless.handlers.main import handler
from serverless.tasks import batch, reconnect, shift, tick, worker


def _nothing() -> None: ...


def _at_once(statement: Callable[[], Any], **_: object) -> Any:
    return statement()


batch.close_old_connections = tick.close_old_connections = reconnect.close_old_connections = _nothing
shift.patiently = tick.patiently = worker.patiently = _at_once

__all__ = ["handler"]
