"""The row is the task. Nothing else knows whether it ran."""

from django.db import models
from django.db.models.functions import Now
from django.tasks import TaskResultStatus
from django.utils.translation import gettext_lazy as _

from serverless.ids import uuid7
from serverless.tasks.schedules.row import ScheduleRow  # noqa: F401 - Django looks for models here

TABLE = "tasks_taskrow"


class State(models.TextChoices):
    READY = "ready", _("Ready")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Dead")


UNFINISHED = [State.READY, State.RUNNING]
# The same as a condition of indexes: what has no end has a time to wake, by the check constraint.
_AWAKE = models.Q(wake_at__isnull=False)
STATUS = {
    State.READY: TaskResultStatus.READY,
    State.RUNNING: TaskResultStatus.RUNNING,
    State.DONE: TaskResultStatus.SUCCESSFUL,
    State.DEAD: TaskResultStatus.FAILED,
}


class TaskRow(models.Model):
    """One enqueued task. Every time in it is the database's: functions' clocks differ, and step."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    path = models.TextField(_("task"), help_text=_("Module and name of the task function."))
    backend = models.CharField(max_length=80)
    queue = models.CharField(max_length=80)
    priority = models.SmallIntegerField(default=0)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    run_after = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text=_("Not started later than this."))
    unique_key = models.TextField(null=True, help_text=_("One unfinished task a key."))  # noqa: DJ001 - NULL is no key
    order_key = models.TextField(null=True, help_text=_("Tasks of a key run one after the other."))  # noqa: DJ001 - NULL is no key
    position = models.PositiveIntegerField(null=True, help_text=_("Place in the order of its key, by commit."))
    limit_key = models.TextField(null=True, help_text=_("Tasks of a key share a limit."))  # noqa: DJ001 - NULL is no key
    admitted = models.BooleanField(db_default=False, help_text=_("Its start is within the rate of its key."))
    chain = models.JSONField(null=True, help_text=_("The calls that follow, each with the value of the one before."))
    group = models.ForeignKey("TaskGroup", models.CASCADE, null=True, db_index=False, related_name="members")
    again = models.BooleanField(db_default=False, help_text=_("Given new arguments while it ran: runs once more."))

    state = models.CharField(max_length=7, choices=State, db_default=State.READY)
    attempts = models.PositiveSmallIntegerField(db_default=0, help_text=_("Failures, and crashes while it ran alone."))
    lease = models.PositiveIntegerField(db_default=0, help_text=_("Counts the claims; only the last one may report."))
    alone = models.BooleanField(db_default=False, help_text=_("The present lease was given while nothing else ran."))
    due_at = models.DateTimeField(
        null=True, help_text=_("From when a worker may claim it: the start, or a lease's end.")
    )
    wake_at = models.DateTimeField(null=True, help_text=_("When the tick sends the next message."))
    sends = models.PositiveSmallIntegerField(db_default=0, help_text=_("Messages that SQS took since the last claim."))

    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    last_attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    return_value = models.JSONField(null=True)
    errors = models.JSONField(db_default=[])
    worker_ids = models.JSONField(db_default=[])

    due_in: float = 0.0
    """Seconds until ``due_at``, where the statement that read the row counted them."""
    claimed: float | None = None
    """When it was leased here, on ``time.monotonic()``, where it may have waited for others of its batch since."""

    class Meta:
        db_table = TABLE
        verbose_name = _("task")
        ordering = ["-enqueued_at"]
        indexes = [
            models.Index(fields=["wake_at"], condition=_AWAKE, name="tasks_wake_at"),
            models.Index(
                fields=["order_key", "position"],
                condition=_AWAKE & models.Q(order_key__isnull=False),
                name="tasks_order",
            ),
            models.Index(
                fields=["limit_key", "state", "due_at"],
                condition=_AWAKE & models.Q(limit_key__isnull=False),
                name="tasks_limit",
            ),
            models.Index(fields=["group"], condition=models.Q(group__isnull=False), name="tasks_group"),
            # Retention and the operations page; unfinished rows are not in it.
            models.Index(
                fields=["state", "finished_at"], condition=models.Q(finished_at__isnull=False), name="tasks_finished"
            ),
        ]
        constraints = [
            # An unfinished task of the key is the one that a second enqueue is dropped for, or replaces.
            models.UniqueConstraint(
                fields=["unique_key"], condition=_AWAKE & models.Q(unique_key__isnull=False), name="tasks_unique"
            ),
            models.CheckConstraint(
                name="tasks_unfinished_wakes",
                condition=models.Q(state__in=UNFINISHED, due_at__isnull=False, wake_at__isnull=False)
                | models.Q(state__in=[State.DONE, State.DEAD], due_at__isnull=True, wake_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.id}"

    @property
    def is_gated(self) -> bool:
        """Whether others decide, besides its time, when it runs."""
        return self.order_key is not None or self.limit_key is not None

    @property
    def is_linked(self) -> bool:
        """Whether its end starts another task: the next of a chain, a group's last call, the next of its key."""
        return self.is_gated or self.chain is not None or self.group_id is not None

    @property
    def database(self) -> str:
        """The alias of the database that holds this row."""
        alias = self._state.db
        if alias is None:
            raise ValueError("The row has not been stored yet: it has no database.")
        return alias


class TaskGroup(models.Model):
    """Tasks enqueued together; ``remaining`` of ``size`` are not done. What follows gets the list of their values."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    size = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()
    then = models.JSONField(null=True)

    class Meta:
        verbose_name = _("group of tasks")
        verbose_name_plural = _("groups of tasks")

    def __str__(self) -> str:
        return f"{self.size - self.remaining} of {self.size}"


class RateLimit(models.Model):
    """From when the next task of a key may start. One row a key, until an hour after that."""

    key = models.TextField(primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Pause(models.Model):
    """A queue or a task that no worker claims and no tick wakes. What was claimed before runs to its end."""

    name = models.TextField(_("queue or task"), primary_key=True, help_text=_("A queue, or the path of a task."))
    reason = models.TextField(blank=True)
    by = models.TextField(blank=True, help_text=_("Who paused it."))
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "tasks_pause"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
