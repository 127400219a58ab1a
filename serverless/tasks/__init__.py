"""Django's own Tasks on SQS, where the database row is the task and a message only wakes a function.

In: ``task.enqueue()`` in a request, SQS events in the worker (``batch.process``), the minute tick (``tick.run``).
Out: a row in the transaction of the caller, a message after its commit, and the task's outcome in the row.
May touch: PostgreSQL through the ``tasks`` app's tables, SQS through the standard library.

Tasks are written with ``django.tasks.task``. A task may run more than once (a crash after its effect, before its
report), so it takes ids, fetches again and is safe to run twice. What is raised is retried up to ``MAX_ATTEMPTS``
times in all; then the task is dead: FAILED, listed in the admin.
"""

from serverless.tasks.exceptions import (
    TasksError,
    UnknownTask,
    UnstorableValue,
    WorkerLost,
    WrongDatabase,
)

__all__ = ["TasksError", "UnknownTask", "UnstorableValue", "WorkerLost", "WrongDatabase"]
