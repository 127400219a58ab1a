import json
import os
from typing import Any
from urllib.parse import urlsplit

SECRET_KEY = "only-for-the-rig"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "tests.faults.replicated.urls"
INSTALLED_APPS = ["tests.faults.replicated", "serverless"]
MIDDLEWARE = ["serverless.db.replicas.middleware.ReadYourWrites"]
DATABASE_ROUTERS = ["serverless.db.replicas.Router"]
SERVERLESS = {
    "REPLICAS": {"OF": {"default": ["replica"]}, "MODELS": ["replicated.Note"]} | json.loads(os.environ["REPLICAS"])
}


def _entry(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "serverless.db.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "PASSWORD": parts.password,
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 2, "server_side_binding": True},
    }


DATABASES = {"default": _entry(os.environ["DATABASE_URL"]), "replica": _entry(os.environ["DATABASE_REPLICA_URL"])}
STORAGES = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "serverless.log.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
