"""Which kind of event a function was handed."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from serverless.exceptions import ServerlessError

__all__ = ["Kind", "UnknownEvent", "kind"]


class Kind(StrEnum):
    HTTP_V2 = "http-v2"
    SQS = "sqs"
    TICK = "tick"


class UnknownEvent(ServerlessError):
    """The function was invoked with something that no event source in use here sends."""


def _is_http_v2(event: dict[str, Any]) -> bool:
    context = event.get("requestContext")
    return (
        event.get("version") == "2.0"
        and isinstance(event.get("rawPath"), str)
        and isinstance(context, dict)
        and isinstance(context.get("http"), dict)
    )


def _is_sqs(event: dict[str, Any]) -> bool:
    records = event.get("Records")
    return (
        isinstance(records, list)
        and bool(records)
        and all(isinstance(record, dict) and record.get("eventSource") == "aws:sqs" for record in records)
    )


def _is_tick(event: dict[str, Any]) -> bool:
    return event.get("source") == "serverless.scheduler" and event.get("detail-type") == "tick"


# HTTP first: someone waits for it.
_PREDICATES: tuple[tuple[Kind, Callable[[dict[str, Any]], bool]], ...] = (
    (Kind.HTTP_V2, _is_http_v2),
    (Kind.SQS, _is_sqs),
    (Kind.TICK, _is_tick),
)


def kind(event: object) -> Kind:
    """Return the kind of ``event``. Raises UnknownEvent, which names the shape's keys but none of its values."""
    if isinstance(event, dict):
        for candidate, holds in _PREDICATES:
            if holds(event):
                return candidate
        shape = f"an object with the keys {sorted(str(key) for key in event)[:20]}"
    else:
        shape = f"a JSON {type(event).__name__}"
    raise UnknownEvent(
        f"This function was invoked with {shape}. It takes API Gateway HTTP API events (payload format 2.0), SQS "
        f"batches and the scheduler's tick: point only those at it."
    )
