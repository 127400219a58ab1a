"""The Django project of each participant: one app, one no-op task, one queue, one database of its own.

Ours is set up as Loupe is, its peers so that they cost least: connections stay open and are not looked at before use.
"""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

PARTICIPANT = os.environ["BENCHMARK_PARTICIPANT"]
QUEUE = f"queue-{os.getpid()}"
QUEUE_URL = f"{os.environ['AWS_ENDPOINT_URL']}/123456789012/{QUEUE}"

SECRET_KEY = "only-for-benchmarks-" + "x" * 40
USE_TZ = True
INSTALLED_APPS = {
    "ours": ["serverless.tasks"],
    "tasks_db": ["django_tasks_db"],
    "tasks_sqs": ["django_tasks_sqs"],
    "lambda_tasks": ["django.contrib.postgres", "lambda_tasks"],
}[PARTICIPANT]
_server = urlsplit(os.environ["DATABASE_URL"])
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": f"benchmark_{PARTICIPANT}",
        "USER": _server.username,
        "PASSWORD": unquote(_server.password or ""),
        "HOST": _server.hostname,
        "PORT": _server.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": PARTICIPANT == "ours",
        "OPTIONS": {"server_side_binding": PARTICIPANT == "ours"},
    }
}
_TASKS: dict[str, tuple[str, dict[str, object]]] = {
    "ours": ("serverless.tasks.backend.SQSBackend", {"QUEUE_URLS": {"default": QUEUE_URL}}),
    "tasks_db": ("django_tasks_db.DatabaseBackend", {}),
    "tasks_sqs": ("django_tasks_sqs.SQSBackend", {"queue_urls": {"default": QUEUE_URL}}),
}
if PARTICIPANT in _TASKS:
    _backend, _options = _TASKS[PARTICIPANT]
    TASKS = {"default": {"BACKEND": _backend, "QUEUES": ["default"], "OPTIONS": _options}}
LAMBDA_TASKS_QUEUES = {"default": {"queue_url": QUEUE_URL}}
LOGGING_CONFIG = None
