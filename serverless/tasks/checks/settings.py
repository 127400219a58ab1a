"""What ``SQSBackend.check`` reports; Django's own check calls it for each backend in TASKS."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import connections, router
from django.tasks.backends.base import BaseTaskBackend

from serverless.tasks.checks.declared import check_tasks
from serverless.tasks.schedules.checks import check_schedules

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and .../services-sqs-parameters.html
MAX_TIMEOUT = 900
MAX_WINDOW = 300


def check_backend(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    """Check one backend: its app, its queues, its database, its schedules and its tasks. Connects to nothing."""
    if not apps.is_installed("serverless.tasks"):
        yield Error(
            f"TASKS[{backend.alias!r}] keeps tasks in a table whose app is not installed.",
            hint='Add "serverless.tasks" to INSTALLED_APPS.',
            id="tasks.E001",
        )
        return
    yield from _queues(backend)
    yield from _worker(backend)
    yield from _retention(backend)
    yield from _database(backend)
    yield from check_schedules(backend)
    yield from check_tasks(backend)


def _queues(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    urls = backend.options.get("QUEUE_URLS", {})
    for queue in sorted(backend.queues):
        if not _is_queue_url(urls.get(queue, "")):
            yield Error(
                f"TASKS[{backend.alias!r}] has no URL for the queue {queue!r}: its tasks would never run.",
                hint="Set OPTIONS['QUEUE_URLS'][queue] to the queue's http(s) URL.",
                id="tasks.E002",
            )

    for queue in sorted(set(urls) - set(backend.queues)):
        yield checks.Warning(
            f"TASKS[{backend.alias!r}] has a URL for the queue {queue!r}, which QUEUES does not name: no task uses it.",
            hint="Add the queue to QUEUES, or drop its URL.",
            id="tasks.W004",
        )


def _worker(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    for option, most in (("FUNCTION_TIMEOUT", MAX_TIMEOUT), ("BATCH_WINDOW", MAX_WINDOW)):
        value = backend.options.get(option)
        if value is not None and not (isinstance(value, int) and 0 <= value <= most):
            yield Error(
                f"TASKS[{backend.alias!r}]['OPTIONS'][{option!r}] is {value!r}, which Lambda does not take.",
                hint=f"Give whole seconds, {most} at most.",
                id="tasks.E005",
            )


def _is_queue_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return url.scheme in {"http", "https"} and bool(url.netloc and url.path.strip("/"))


def _retention(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    from serverless.tasks.upkeep.retention import DEFAULT

    for state, age in backend.options.get("RETENTION", {}).items():
        if state not in DEFAULT or not (age is None or (isinstance(age, timedelta) and age > timedelta(0))):
            yield Error(
                f"TASKS[{backend.alias!r}]['OPTIONS']['RETENTION'] has {state!r}: {age!r}, which means nothing.",
                hint='Give "done" and "dead" a timedelta, or None to keep such tasks for ever.',
                id="tasks.E020",
            )


def _database(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    from serverless.tasks.models import TaskRow

    alias = router.db_for_write(TaskRow)
    if connections[alias].vendor != "postgresql":
        yield Error(
            f"TASKS[{backend.alias!r}] keeps its tasks in the database {alias!r}, which is not PostgreSQL.",
            hint="Leases rest on UPDATE ... RETURNING and row locks: route the tasks app to a PostgreSQL database.",
            id="tasks.E003",
        )
