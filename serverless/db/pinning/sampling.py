"""One in so many invocations is watched; one that pinned leaves no connection behind."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from serverless import connections
from serverless.conf import conf
from serverless.db.pinning import registry
from serverless.metrics import Metric, put

if TYPE_CHECKING:
    from serverless.db.pinning.watching import Pin

__all__ = ["NAMESPACE", "sampled"]

NAMESPACE: Final = "Serverless/Database"

logger = logging.getLogger(__name__)
# This environment has pinned once, so its code does: every invocation is watched from then on.
_suspect = False


@contextmanager
def sampled() -> Iterator[None]:
    """Watch the block, an invocation, if it is its turn: report what pinned, and close the connections that did.

    ``SERVERLESS["PINNING"]["SAMPLE"]`` is N of one in N; 0, the default, is never. Chance decides, since environments
    may end long before their N-th invocation.
    """
    every = conf().pinning.sample
    if not every or not (_suspect or random.random() * every < 1):  # noqa: S311 - no secret hangs on it
        yield
        return
    from serverless.db.pinning import watching

    if not watching.available():
        yield
        return
    pins: list[Pin] = []
    try:
        with watching.listening(pins.append):
            yield
    finally:
        if pins:
            _settle(pins)


def _settle(pins: "list[Pin]") -> None:
    global _suspect  # noqa: PLW0603 - a fact about this process
    _suspect = True
    for rule in dict.fromkeys(pin.rule.id for pin in pins):
        count = sum(pin.rule.id == rule for pin in pins)
        put(NAMESPACE, {"Pins": Metric(value=count, unit="Count")}, dimensions={"Rule": rule}, summed=True)
    for text, pin in {str(pin): pin for pin in pins}.items():
        logger.warning("%s", text, extra={"rule": pin.rule.id, "line": pin.line, "database": pin.alias})
    pinned = {pin.alias for pin in pins}
    for wrapper in registry.wrappers():
        if wrapper.alias in pinned:
            connections.discard(wrapper)
