"""The maintenance page at the edge, with a door for those who work behind it.

CloudFront answers it by itself, so that it shows whatever becomes of function and database. Static files and files that
are cached go on being served.
"""

import secrets
from collections.abc import Callable
from typing import Final

from serverless.deploy import stacks
from serverless.stack.config import StackConfig
from serverless.stack.edge.viewer_function import DOOR
from serverless.stack.outputs import EdgeOutput, EdgeParameter

__all__ = ["off", "on"]

_BYTES: Final = 24


def on(config: StackConfig, *, log: Callable[[str], None], pause_s: float = 5.0) -> str:
    """Put it up; return the address that lets a browser past it, another one each time."""
    bypass = secrets.token_urlsafe(_BYTES)
    values = {EdgeParameter.MAINTENANCE: "yes", EdgeParameter.MAINTENANCE_BYPASS: bypass}
    stacks.set_parameters(config, "edge", values, log=log, pause_s=pause_s)
    return f"{stacks.outputs(config).edge[EdgeOutput.SITE_URL]}{DOOR}{bypass}"


def off(config: StackConfig, *, log: Callable[[str], None], pause_s: float = 5.0) -> None:
    """Take it down; the address that led past it is good for nothing any more."""
    values = {EdgeParameter.MAINTENANCE: "no", EdgeParameter.MAINTENANCE_BYPASS: ""}
    stacks.set_parameters(config, "edge", values, log=log, pause_s=pause_s)
