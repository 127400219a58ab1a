"""What ``SQSBackend.check`` reports; Django's own check calls it for each backend in TASKS."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections, router
from django.tasks.backends.base import BaseTaskBackend

from serverless.tasks.schedules.checks import check_schedules


def check_backend(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    """Check one backend: its app, its queues, its database and its schedules. Connects to nothing."""
    if not apps.is_installed("serverless.tasks"):
        yield Error(
            f"TASKS[{backend.alias!r}] keeps tasks in a table whose app is not installed.",
            hint='Add "serverless.tasks" to INSTALLED_APPS.',
            id="tasks.E001",
        )
        return
    yield from _queues(backend)
    yield from _database(backend)
    yield from check_schedules(backend)


def _queues(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    urls = backend.options.get("QUEUE_URLS", {})
    for queue in sorted(backend.queues):
        if not _is_queue_url(urls.get(queue, "")):
            yield Error(
                f"TASKS[{backend.alias!r}] has no URL for the queue {queue!r}: its tasks would never run.",
                hint="Set OPTIONS['QUEUE_URLS'][queue] to the queue's http(s) URL.",
                id="tasks.E002",
            )


def _is_queue_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return url.scheme in {"http", "https"} and bool(url.netloc and url.path.strip("/"))


def _database(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    from serverless.tasks.models import TaskRow

    alias = router.db_for_write(TaskRow)
    if connections[alias].vendor != "postgresql":
        yield Error(
            f"TASKS[{backend.alias!r}] keeps its tasks in the database {alias!r}, which is not PostgreSQL.",
            hint="Leases rest on UPDATE ... RETURNING and row locks: route the tasks app to a PostgreSQL database.",
            id="tasks.E003",
        )
