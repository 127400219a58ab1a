"""Requests of every event shape, answered by Django."""

from collections.abc import Callable
from functools import partial
from typing import Any

from serverless import queries
from serverless.conf import conf
from serverless.events import Kind
from serverless.handlers.deadline import DEADLINE
from serverless.handlers.meter import METER
from serverless.http import Adapter, Interface
from serverless.http.converters import alb, function_url, v1, v2
from serverless.http.recovery import Recovering

__all__ = ["HANDLERS"]


def _interface() -> Interface:
    """Return Django behind the interface that settings choose; only that one is imported."""
    if conf().http.interface == "asgi":
        from serverless.http import asgi

        # Not the handler itself, which runs each request's synchronous code on a thread of its own, and so without the
        # database connection of the one before (6-10 ms a request). Here they come one by one, and share one thread.
        return asgi.ASGI(asgi.RoutingHandler().handle)
    from serverless.http import wsgi

    return wsgi.Django()


queries.count_statements()
# Built while the environment starts: it loads the middleware.
_respond = Adapter(Recovering(_interface()), deadline=DEADLINE, meter=METER).respond

HANDLERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.HTTP_V2: partial(_respond, converter=v2),
    Kind.FUNCTION_URL: partial(_respond, converter=function_url),
    Kind.HTTP_V1: partial(_respond, converter=v1),
    Kind.ALB: partial(_respond, converter=alb),
    Kind.ALB_HEALTH_CHECK: alb.healthy,
}
