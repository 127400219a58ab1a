"""The one Lambda entry point: ``serverless.handlers.main.handler``."""

from collections.abc import Callable
from typing import Any

from serverless import boot

boot.start()

# Below boot.start(), because they import models, which need the app registry that it fills.
from serverless import context as invocation_context  # noqa: E402
from serverless.events import Kind, kind  # noqa: E402
from serverless.handlers import http, tasks, tick  # noqa: E402

__all__ = ["handler"]

_HANDLERS: dict[Kind, Callable[[Any], Any]] = {
    **http.HANDLERS,
    Kind.SQS: tasks.handle,
    Kind.TICK: tick.handle,
}


def handler(event: dict[str, Any], context: invocation_context.LambdaContext) -> Any:
    """Answer one event. Raises UnknownEvent for a shape that no event source in use here sends."""
    with invocation_context.invocation(context):
        return _HANDLERS[kind(event)](event)
