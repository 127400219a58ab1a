"""What is remembered of a schedule: how far it has come."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from serverless.ids import uuid7

TABLE = "tasks_schedule"


class ScheduleRows(models.QuerySet["ScheduleRow"]):
    def with_clock(self) -> Self:
        """Read the database's clock along, as ``now``."""
        return self.annotate(now=Now())


class ScheduleRow(models.Model):
    """How far one schedule has come, on the database's clock. Its lock lets one tick at a time enqueue for it.

    ``last_task`` is no foreign key: finished tasks are deleted by age, without a look at this table.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    backend = models.CharField(max_length=80)
    name = models.TextField()
    rule = models.TextField(help_text=_("When it occurs; another rule than the declared one begins anew."))
    last_at = models.DateTimeField(
        _("last occurrence"),
        help_text=_("Nothing up to then is enqueued again; at first, when it was first seen."),
    )
    last_task = models.UUIDField(null=True, help_text=_("The task of the last occurrence that was enqueued."))

    now: datetime  # where it was read with_clock()
    objects = ScheduleRows.as_manager()

    class Meta:
        db_table = TABLE
        verbose_name = _("schedule")
        ordering = ["backend", "name"]
        constraints = [models.UniqueConstraint(fields=["backend", "name"], name="tasks_schedule_once")]

    def __str__(self) -> str:
        return self.name
