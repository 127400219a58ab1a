"""A lease ends when the function's own clock says so: its statements ask Python for the time, not the database."""

import time
from typing import Any

from serverless.handlers.main import handler
from serverless.tasks.work import lease

_NOW = "statement_timestamp()"


def _of_python(statement: str) -> str:
    return statement.replace(_NOW, "to_timestamp(%(now)s::float8)")


class _Rows:
    """`TaskRow.objects` with a clock in each raw statement's parameters."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def raw(self, statement: str, parameters: dict[str, Any]) -> Any:
        return self._rows.raw(statement, parameters | {"now": time.time()})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)


class _Model:
    class objects:  # noqa: N801 - Django's name
        @staticmethod
        def using(database: str) -> _Rows:
            from serverless.tasks.models import TaskRow

            return _Rows(TaskRow.objects.using(database))


for _name in ("_TAKE", "_CLAIM", "_CLAIM_SUSPECT", "_REPORT", "_RELEASE"):
    setattr(lease, _name, _of_python(getattr(lease, _name)))
vars(lease)["TaskRow"] = _Model

__all__ = ["handler"]
