"""Zappa's hooks: ``"callbacks": {"settings": "serverless.deploy.callbacks.settings", "post": "….post"}``.

Zappa executes this file anew for each hook, as a top-level module named ``callbacks``: nothing is kept here, and every
import is absolute. Its console script leaves the project's folder off the path.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from serverless.deploy import hooks

__all__ = ["post", "settings"]


def settings(cli: Any) -> None:
    """Before every command: see to it, or get it ready for Zappa."""
    hooks.settings(cli)


def post(cli: Any) -> None:
    """After Zappa has made or updated the web function, which nothing names yet."""
    hooks.post(cli)
