"""Another round for dead tasks, once their cause is mended."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from serverless.tasks.models import State, TaskRow
from serverless.tasks.produce.outbox import Wake, send_on_commit

# Times that one of the keys may be taken by an enqueue between the look at them and their use.
_KEYS_TAKEN_MEANWHILE: Final = 3


def retry_dead(rows: QuerySet[TaskRow]) -> int:
    """Make the dead among ``rows`` ready with all their attempts, keep their errors, and return how many there were.

    Of those with the same ``unique`` key the latest, unless a task that is unfinished has the key by now. None of them
    expires any more: a person wants them run.
    """
    for _ in range(_KEYS_TAKEN_MEANWHILE):
        with suppress(IntegrityError):
            return _retry(rows)
    return _retry(rows)


def _retry(rows: QuerySet[TaskRow]) -> int:
    with transaction.atomic(using=rows.db):
        dead = list(rows.filter(state=State.DEAD).order_by("-pk").select_for_update())
        again = list(_with_free_keys(dead, using=rows.db))
        TaskRow.objects.using(rows.db).filter(pk__in=[row.pk for row in again]).update(
            state=State.READY,
            attempts=0,
            alone=False,
            admitted=False,
            sends=0,
            due_at=Now(),
            wake_at=Now(),
            expires_at=None,
            started_at=None,
            finished_at=None,
        )
        send_on_commit([Wake.of(row) for row in reversed(again)])
    return len(again)


def _with_free_keys(dead: Sequence[TaskRow], *, using: str) -> Iterator[TaskRow]:
    keys = [row.unique_key for row in dead if row.unique_key is not None]
    live = TaskRow.objects.using(using).filter(unique_key__in=keys, wake_at__isnull=False)
    taken = set(live.values_list("unique_key", flat=True)) if keys else set()
    for row in dead:
        if row.unique_key is None or row.unique_key not in taken:
            taken.add(row.unique_key)
            yield row
