"""What a mailbox gets once the queue has drained, and the links in it."""

import re

from django.core import mail
from django.db.models import QuerySet

from serverless.tasks.models import State, TaskRow
from serverless.tasks.work.shift import Shift


def drain() -> None:
    """Run queued tasks, and those that they queue, until none is left."""
    while ids := list(_ready().values_list("pk", flat=True)):
        Shift().run(ids, database="default")


def _ready() -> QuerySet[TaskRow]:
    return TaskRow.objects.filter(state=State.READY, attempts=0)


def newest_link() -> str:
    """Return the path of the first link in the newest mail."""
    drain()
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]
