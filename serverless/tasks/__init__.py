"""Django's own Tasks on SQS, where the database row is the task and a message only wakes a function.

In: ``task.enqueue()`` in a request, SQS events in the worker (``batch.process``), the minute tick (``tick.run``).
Out: a row in the transaction of the caller, a message after its commit, and the task's outcome in the row.
May touch: PostgreSQL through the ``tasks`` app's tables, SQS through the standard library.

Tasks are written with ``task``, or Django's own decorator. A task may run more than once (a crash after its effect,
before its report), so it takes ids, fetches again and is safe to run twice, or is ``atomic``. What is raised is retried
up to ``max_attempts`` times in all; then the task is dead: FAILED, listed in the admin.
"""

from serverless.deadline import DeadlineExceeded
from serverless.tasks.context import Context
from serverless.tasks.exceptions import (
    Expired,
    LeaseLost,
    RetryAfter,
    TasksError,
    UnknownTask,
    UnstorableValue,
    WorkerLost,
    WrongDatabase,
)
from serverless.tasks.flows import Chain, Group, chain, group
from serverless.tasks.task import Signature, Task, task

__all__ = [
    "Chain",
    "Context",
    "DeadlineExceeded",
    "Expired",
    "Group",
    "LeaseLost",
    "RetryAfter",
    "Signature",
    "Task",
    "TasksError",
    "UnknownTask",
    "UnstorableValue",
    "WorkerLost",
    "WrongDatabase",
    "chain",
    "group",
    "task",
]
