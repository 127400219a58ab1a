"""One in so many invocations is watched, the others glanced at; one that is seen to pin leaves no connection behind."""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from serverless import catalogue, connections
from serverless.conf import conf
from serverless.db.pinning import registry
from serverless.metrics import Metric, put

if TYPE_CHECKING:
    from serverless.db.pinning.rules import Rule
    from serverless.db.pinning.watching import Listener, Pin

__all__ = ["sampled"]

logger = logging.getLogger(__name__)
# This environment has pinned once, so its code does: every invocation is watched from then on.
_suspect = False
# Where the statements of an invocation that is not watched are told.
_listener: "Listener | None" = None


@contextmanager
def sampled() -> Iterator[None]:
    """Look at what the block, an invocation, sends: report what pinned, and close the connections that did.

    ``SERVERLESS["PINNING"]["SAMPLE"]`` is N of one in N that are watched; chance decides, since environments may end
    long before their N-th invocation. Of the others only what Django's cursors are given is looked at (0.3 us a
    statement). 0, the default, is neither.
    """
    every = conf().pinning.sample
    if not every:
        yield
        return
    pins: list[Pin] = []
    its_turn = _suspect or random.random() * every < 1  # noqa: S311 - no secret hangs on it
    try:
        with _watched(pins.append) if its_turn else _glanced(pins.append):
            yield
    finally:
        if pins:
            _settle(pins)


def _watched(listener: "Listener") -> AbstractContextManager[None]:
    from serverless.db.pinning import watching

    return watching.listening(listener) if watching.available() else _glanced(listener)


@contextmanager
def _glanced(listener: "Listener") -> Iterator[None]:
    global _listener  # noqa: PLW0603 - events come one at a time
    registry.tell_me(_install)
    for wrapper in registry.wrappers():
        _install(wrapper)
    _listener = listener
    try:
        yield
    finally:
        _listener = None
        registry.tell_me_no_more(_install)


def _install(wrapper: BaseDatabaseWrapper, _: object = None) -> None:
    if _glance not in wrapper.execute_wrappers:
        wrapper.execute_wrappers.append(_glance)


def _glance(execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]) -> Any:
    if _listener is not None and isinstance(sql, str):
        from serverless.db.pinning.rules import broken

        for rule in broken(sql):
            _tell(rule, context["connection"].alias)
    return execute(sql, params, many, context)


def _tell(rule: "Rule", alias: str) -> None:
    from serverless.db.pinning.lines import responsible
    from serverless.db.pinning.watching import Pin

    if _listener is not None and (line := responsible()) is not None:
        _listener(Pin(rule=rule, line=line, alias=alias))


def _settle(pins: "list[Pin]") -> None:
    global _suspect  # noqa: PLW0603 - a fact about this process
    _suspect = True
    for rule in dict.fromkeys(pin.rule.id for pin in pins):
        count = sum(pin.rule.id == rule for pin in pins)
        metrics = {catalogue.PINS.name: Metric(value=count, unit=catalogue.PINS.unit)}
        put(catalogue.DATABASE, metrics, dimensions={"Rule": rule}, summed=True)
    for text, pin in {str(pin): pin for pin in pins}.items():
        logger.warning("%s", text, extra={"rule": pin.rule.id, "line": pin.line, "database": pin.alias})
    pinned = {pin.alias for pin in pins}
    for wrapper in registry.wrappers():
        if wrapper.alias in pinned:
            connections.discard(wrapper)
