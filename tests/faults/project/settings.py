"""What Loupe's own settings say of databases and tasks, and nothing else."""

import os
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from tests.faults.project import clock

clock.shift(float(os.environ.get("FAULTS_CLOCK", "0")))

_DATABASE = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = "only-for-the-rig"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "tests.faults.project.urls"
INSTALLED_APPS = ["tests.faults.project", "serverless.tasks"]
DATABASES = {
    "default": {
        "ENGINE": "serverless.db.postgresql",
        "NAME": _DATABASE.path[1:],
        "USER": unquote(_DATABASE.username or ""),
        "PASSWORD": unquote(_DATABASE.password or ""),
        "HOST": _DATABASE.hostname,
        "PORT": _DATABASE.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "server_side_binding": True,
            "connect_timeout": 3,
            "password_variable": "DATABASE_URL",
            # The proxy reads who speaks from this, and what was said from messages that are not encrypted.
            "application_name": f"faults-{os.getpid()}",
            "sslmode": "disable",
            "gssencmode": "disable",
        },
    }
}
if "CACHE_URL" in os.environ:
    # A second is long beside what a busy machine needs for an answer, and a minute longer than a scenario.
    CACHES = {
        "default": {
            "BACKEND": "serverless.cache.backend.ValkeyCache",
            "LOCATION": os.environ["CACHE_URL"],
            "OPTIONS": {"SOCKET_TIMEOUT": 1.0, "SOCKET_CONNECT_TIMEOUT": 1.0, "PAUSE": 60},
        }
    }
# Each occurrence, one by one. The jitter is too short to delay any, but makes the start tell which one a task is of.
_SCHEDULES = {
    "every minute": {
        "task": "tests.faults.project.policies.occurrence",
        "every": timedelta(minutes=1),
        "kwargs": {"mark": "occurrence"},
        "jitter": timedelta(milliseconds=1),
        "overlap": True,
        "catch_up": True,
    }
}
TASKS = {
    "default": {
        "BACKEND": "serverless.tasks.backend.SQSBackend",
        "QUEUES": ["default"],
        "OPTIONS": {
            "QUEUE_URLS": {"default": os.environ["TASK_QUEUE_URL"]},
            "SCHEDULES": _SCHEDULES if "FAULTS_SCHEDULES" in os.environ else {},
        },
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "serverless.log.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
