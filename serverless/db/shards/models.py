"""Moves of keys between shards: how far each is."""

from django.db import models
from django.db.models.functions import Now


class Step(models.TextChoices):
    CLOSED = "closed", "closed for writing, rows not known to be equal"
    SWITCHED = "switched", "read from its new shard, still closed for writing"
    OPENED = "opened", "moved; the old rows are still there"
    PURGED = "purged", "moved, and the old rows deleted"
    GIVEN_UP = "given_up", "given up: it stayed where it was"


UNFINISHED = [Step.CLOSED, Step.SWITCHED, Step.OPENED]


class Move(models.Model):
    """One key, from one shard to another. Lives in the default database, beside the directory."""

    key = models.CharField(max_length=64)
    source = models.CharField(max_length=63)
    target = models.CharField(max_length=63)
    step = models.CharField(max_length=10, choices=Step, default=Step.CLOSED)
    rows = models.JSONField(default=dict, help_text="By table: how many rows were moved, and the digest of them all.")
    closed_at = models.DateTimeField(db_default=Now())
    switched_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(step__in=UNFINISHED), name="shards_one_move_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.source} -> {self.target}, {self.get_step_display()}"
