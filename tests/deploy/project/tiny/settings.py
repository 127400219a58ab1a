"""The least that a project on this layer can be."""

import os
from urllib.parse import urlsplit

_database = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
INSTALLED_APPS = ["tiny", "serverless", "serverless.tasks", "django.contrib.contenttypes", "django.contrib.staticfiles"]
ROOT_URLCONF = "tiny.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
SERVERLESS = {"ORIGIN_SECRETS": os.environ["ORIGIN_SECRETS"].split(",")}
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
TASKS = {
    "default": {
        "BACKEND": "serverless.tasks.backend.SQSBackend",
        "QUEUES": ["default"],
        "OPTIONS": {"QUEUE_URLS": dict(pair.split("=", 1) for pair in os.environ["TASK_QUEUES"].split(","))},
    }
}
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT", "build/static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
USE_TZ = True
