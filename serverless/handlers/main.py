"""The one Lambda entry point: ``serverless.handlers.main.handler``."""

from collections.abc import Callable
from typing import Any

from serverless import boot, bundle

# First of all, since it finds all that follows.
bundle.install()

with boot.uncollected():
    from serverless import prepared

    prepared.install()
    boot.start()

    # Below boot.start(), because they import models, which need the app registry that it fills.
    from django.apps import apps

    from serverless import context as invocation_context
    from serverless.db.pinning import sampling
    from serverless.events import Kind, UnknownEvent, kind
    from serverless.handlers import http, manage

    _HANDLERS: dict[Kind, Callable[[Any], Any]] = dict(http.HANDLERS) | {Kind.MANAGE: manage.handle}
    if apps.is_installed("serverless.tasks"):
        from serverless.handlers import tasks, tick

        _HANDLERS |= {Kind.SQS: tasks.handle, Kind.TICK: tick.handle}

__all__ = ["handler"]


def handler(event: dict[str, Any], context: invocation_context.LambdaContext) -> Any:
    """Answer one event. Raises UnknownEvent for a shape that no event source in use here sends."""
    found = kind(event)
    if found not in _HANDLERS:
        raise UnknownEvent(f'An {found} event needs "serverless.tasks" in INSTALLED_APPS.')
    with invocation_context.invocation(context), sampling.sampled():
        return _HANDLERS[found](event)
