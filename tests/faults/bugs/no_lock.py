"""A place under a limit is looked for and taken without a lock on its key: two workers find the same one free."""

import time
from typing import Any

from serverless.handlers.main import handler
from serverless.tasks.work import gates

_only = gates._only


def _slowly(row: Any, statement: str, parameters: dict[str, Any]) -> Any:
    time.sleep(1.0)  # both have looked by now
    return _only(row, statement, parameters)


vars(gates)["_LOCK"] = "SELECT %s::text[]"
vars(gates)["_only"] = _slowly

__all__ = ["handler"]
