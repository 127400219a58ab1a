"""A request that met a database which is away: whole again where that is known to be safe, else 503.

It stands between the adapter and the interface, outside of Django: each run is a request of its own to Django, with its
own signals, and nothing was sent to the client, since an answer on Lambda is whole or not there. docs/decisions/0012
"""

import logging
import sys
from dataclasses import replace
from typing import Final, Protocol

from django.core.signals import got_request_exception

from serverless.db import RETRY_AFTER_S, Failure, database_failure
from serverless.db.watch import Watch, current
from serverless.http.messages import Request, Response, Viewer
from serverless.http.refusals import refusal

__all__ = ["Recovering"]

logger = logging.getLogger("serverless.http")

# What must not change anything: RFC 9110, section 9.2.1, and a rule of this project.
_SAFE: Final = frozenset({"GET", "HEAD"})
_SERVER_ERROR: Final = 500
_TEXT: Final = "The site cannot reach its data right now. Please try again in a minute."
_UNKNOWN: Final = "It is not known whether what you sent was saved. Please look before you send it again."


class _Interface(Protocol):
    def __call__(self, request: Request, viewer: Viewer, /) -> Response: ...


class Recovering:
    """Serves what ``interface`` serves. Raises what it raises, unless that came of a database which is away."""

    def __init__(self, interface: _Interface) -> None:
        self._interface = interface

    def __call__(self, request: Request, viewer: Viewer) -> Response:
        watch = Watch()
        response = self._run(watch, request, viewer)
        outage = _outage(response, watch)
        if outage is not None and watch.nothing_done and request.method in _SAFE:
            logger.warning("request repeated", extra={"reason": outage.value})
            watch = Watch()
            response = self._run(watch, request, viewer)
            outage = _outage(response, watch)
        if outage is not None:
            return _unavailable(outage, response, request)
        if response is None:
            assert watch.error is not None  # noqa: S101 - there is a response, or what came in its place
            raise watch.error
        return response

    def _run(self, watch: Watch, request: Request, viewer: Viewer) -> Response | None:
        """Return the response, or None where ``watch.error`` was raised."""
        try:
            with watch:
                return self._interface(request, viewer)
        except Exception as error:  # noqa: BLE001 - raised again, above
            watch.note(error)
            return None


def _note(**_: object) -> None:
    """Keep the first: an error page may fail as well. Django makes an answer of it, and keeps nothing else."""
    watch = current()
    error = sys.exception()
    if watch is not None and watch.error is None and error is not None:
        watch.note(error)


got_request_exception.connect(_note, dispatch_uid="serverless.http.recovery")


def _outage(response: Response | None, watch: Watch) -> Failure | None:
    if response is not None and response.status < _SERVER_ERROR:  # nothing happened, or the project got over it
        return None
    failure = database_failure(watch.error)
    return failure if failure is not None and failure.is_outage else None


def _unavailable(outage: Failure, given: Response | None, request: Request) -> Response:
    """Return the project's own answer if it has one, or the layer's in the place of an error that says nothing."""
    route = None if given is None else given.route
    logger.error("database unavailable", extra={"reason": outage.value, "route": route})
    if given is not None and given.status != _SERVER_ERROR:
        return given
    own = refusal(
        503,
        accept=request.headers.get("accept", ""),
        title="One moment",
        text=_TEXT if request.method in _SAFE or outage is not Failure.LOST else _UNKNOWN,
        retry_after_s=RETRY_AFTER_S,
    )
    return replace(own, route=route)
