"""The row is the task. Nothing else knows whether it ran."""

from datetime import timedelta

from django.db import models
from django.db.models import Value
from django.db.models.functions import Greatest, Now
from django.tasks import TaskResultStatus
from django.utils.translation import gettext_lazy as _

from serverless.ids import uuid7

# A commit sends within a second or two; what is unsent after this long is the tick's.
SEND_WITHIN = timedelta(seconds=60)
# A start further away than SQS can delay (15 minutes) is sent by the tick this long before; SQS keeps it to the second.
SEND_AHEAD = timedelta(minutes=10)

TABLE = "tasks_taskrow"


class State(models.TextChoices):
    READY = "ready", _("Ready")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Dead")


UNFINISHED = [State.READY, State.RUNNING]
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

    state = models.CharField(max_length=7, choices=State, default=State.READY)
    attempts = models.PositiveSmallIntegerField(default=0, help_text=_("Failures, and crashes while it ran alone."))
    lease = models.PositiveIntegerField(default=0, help_text=_("Counts the claims; only the last one may report."))
    alone = models.BooleanField(default=False, help_text=_("The present lease was given while nothing else ran."))
    due_at = models.DateTimeField(
        null=True, help_text=_("From when a worker may claim it: the start, or a lease's end.")
    )
    wake_at = models.DateTimeField(null=True, help_text=_("When the tick sends the next message."))
    sends = models.PositiveSmallIntegerField(default=0, help_text=_("Messages that SQS took since the last claim."))

    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    last_attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    return_value = models.JSONField(null=True)
    errors = models.JSONField(default=list)
    worker_ids = models.JSONField(default=list)

    class Meta:
        db_table = TABLE
        verbose_name = _("task")
        ordering = ["-enqueued_at"]
        indexes = [
            models.Index(fields=["wake_at"], condition=models.Q(wake_at__isnull=False), name="tasks_wake_at"),
            # Retention and the operations page; unfinished rows are not in it.
            models.Index(
                fields=["state", "finished_at"], condition=models.Q(finished_at__isnull=False), name="tasks_finished"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="tasks_unfinished_wakes",
                condition=models.Q(state__in=UNFINISHED, due_at__isnull=False, wake_at__isnull=False)
                | models.Q(state__in=[State.DONE, State.DEAD], due_at__isnull=True, wake_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.id}"

    def insert(self, *, using: str) -> None:
        """Store a new row that may run at once or from ``run_after``, and that the tick sends if nobody else does.

        Times are read back. A start more than 15 minutes away is left to the tick altogether.
        """
        self.enqueued_at = Now()
        self.due_at, self.wake_at = Now(), Now() + SEND_WITHIN
        if self.run_after is not None:
            self.due_at = Greatest(Now(), self.run_after)
            self.wake_at = Greatest(Now() + SEND_WITHIN, Value(self.run_after - SEND_AHEAD))
        self.save(force_insert=True, using=using)

    @property
    def database(self) -> str:
        """The alias of the database that holds this row."""
        alias = self._state.db
        if alias is None:
            raise ValueError("The row has not been stored yet: it has no database.")
        return alias


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
