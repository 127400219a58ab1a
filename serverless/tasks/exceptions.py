"""What goes wrong around a task, as opposed to inside it."""

from serverless.exceptions import ServerlessError


class TasksError(ServerlessError):
    """Base of every error of this package."""


class BadSchedule(TasksError):
    """A schedule in settings cannot be understood. ``id`` and ``hint`` are those of the check that reports it."""

    def __init__(self, message: str, *, id: str, hint: str) -> None:  # noqa: A002 - the name in CheckMessage
        super().__init__(message)
        self.id = id
        self.hint = hint


class MalformedMessage(TasksError):
    """The body of an SQS message names no task: something else sends to this queue."""


class SQSFailed(TasksError):
    """SQS did not do what it was asked. The message says what it answered; ``AccessDenied`` is the role's policy."""


class SendFailed(TasksError):
    """SQS took none of a batch; the rows stay, and the tick sends them again."""


class UnknownTask(TasksError):
    """A row names a task that this release does not have: deploy the release that has it, or retry once it is out."""


class UnstorableValue(TasksError, TypeError):
    """An argument or return value is not JSON that PostgreSQL stores: no NUL, lone surrogate, NaN or infinity."""


class WrongDatabase(TasksError):
    """A task was enqueued inside a transaction of another database than the one that the router names for its row.

    A rollback of that transaction would not take the task back. Enqueue after the block, or in ``transaction.atomic``
    of the row's database as well.
    """


class Expired(TasksError):
    """The task was not started in the time for which it is of use. Nothing ran."""


class LeaseLost(TasksError):
    """Another worker has the task by now, and its outcome counts: what this one wrote is rolled back."""


class RetryAfter(TasksError):
    """Raised in a task to be run again in ``seconds``, as a server's Retry-After says: an attempt like any other.

    Servers say strange things: it is 0 at least and a year at most.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = min(max(seconds, 0.0), 365 * 86_400.0) if seconds == seconds else 0.0  # NaN is not itself
        super().__init__(f"To be run again in {self.seconds:g} s.")


class WorkerLost(TasksError):
    """The worker ended in the middle of the task: out of memory, a timeout, a crash. Check its memory and duration."""


class Cancelled(TasksError):
    """Someone took the task back before it ran. It may be retried like a dead one."""


# As a row's errors name them.
CANCELLED = f"{Cancelled.__module__}.{Cancelled.__qualname__}"
EXPIRED = f"{Expired.__module__}.{Expired.__qualname__}"


class UnknownName(TasksError):
    """What is to be paused or looked at is neither a queue in TASKS nor the path of a task."""
