"""For a queue that lost its messages: the rows know what is unfinished, so the next tick can send all of it."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from serverless.tasks.models import State, TaskRow


def wake_unfinished(*, database: str, end_leases: bool) -> int:
    """Let the next tick send every unfinished task that is due, and return how many there are.

    ``end_leases`` includes those that are being run. Only where no worker is alive: the effect of one that still works
    would happen twice.
    """
    rows = TaskRow.objects.using(database)
    due = Q(state=State.READY, due_at__lte=Now())
    with transaction.atomic(using=database):
        ended = rows.filter(state=State.RUNNING).update(due_at=Now(), wake_at=Now()) if end_leases else 0
        return ended + rows.filter(due).update(wake_at=Now(), sends=0)
