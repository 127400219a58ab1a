"""Another round for dead tasks, once their cause is mended."""

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from serverless.tasks.models import State, TaskRow
from serverless.tasks.outbox import Wake, send_on_commit


def retry_dead(rows: QuerySet[TaskRow]) -> int:
    """Make the dead among ``rows`` ready with all their attempts, keep their errors, and return how many there were."""
    with transaction.atomic(using=rows.db):
        dead = list(rows.filter(state=State.DEAD).order_by("pk").select_for_update())
        TaskRow.objects.using(rows.db).filter(pk__in=[row.pk for row in dead]).update(
            state=State.READY,
            attempts=0,
            alone=False,
            sends=0,
            due_at=Now(),
            wake_at=Now(),
            started_at=None,
            finished_at=None,
        )
        send_on_commit([Wake.of(row) for row in dead])
    return len(dead)
