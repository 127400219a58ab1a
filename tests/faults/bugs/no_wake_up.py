"""Who ends a task of a key leaves it at that: those that waited are nobody's until the tick comes for them."""

from serverless.handlers.main import handler
from serverless.tasks.models import TaskRow
from serverless.tasks.work import gates


def _wake_next(row: TaskRow) -> None: ...


vars(gates)["wake_next"] = _wake_next

__all__ = ["handler"]
