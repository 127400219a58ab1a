"""The least that a project on this layer can be."""

import os
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
_database = urlsplit(os.environ.get("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none"))

SECRET_KEY = os.environ.get("SECRET_KEY", "for a rehearsal, which signs nothing")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split(",")
INSTALLED_APPS = ["tiny", "serverless", "serverless.tasks", "django.contrib.contenttypes", "django.contrib.staticfiles"]
ROOT_URLCONF = "tiny.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
SERVERLESS = {"ORIGIN_SECRETS": os.environ.get("ORIGIN_SECRETS", "nobody knows it").split(",")}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path[1:],
        "USER": _database.username,
        "PASSWORD": _database.password,
        "HOST": _database.hostname,
        "PORT": _database.port,
    }
}
_queues = dict(
    pair.split("=", 1) for pair in os.environ.get("TASK_QUEUES", "default=http://127.0.0.1:9/1/q").split(",")
)
TASKS = {
    "default": {
        "BACKEND": "serverless.tasks.backend.SQSBackend",
        "QUEUES": ["default"],
        "OPTIONS": {"QUEUE_URLS": _queues, "FUNCTION_TIMEOUT": int(os.environ.get("WORKER_TIMEOUT", "0")) or None},
    }
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
USE_TZ = True
