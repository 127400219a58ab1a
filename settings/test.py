"""Tests: the services that tests/plugin.py starts, cheap password hashes, two databases."""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

# For what reads settings and starts nothing (mypy, makemigrations --check); tests/plugin.py sets the real ones first.
for _name, _value in {
    "SECRET_KEY": "only-for-tests",
    "SITE_URL": "https://loupe.test",
    "ALLOWED_HOSTS": "loupe.test,testserver",
    "DATABASE_URL": "postgresql://postgres@127.0.0.1:9/loupe",
    "CACHE_URL": "redis://127.0.0.1:9/0",
    "AWS_REGION": "us-east-1",
    "MEDIA_BUCKET": "media",
    "STATIC_BUCKET": "static",
    "TASK_QUEUES": "default=http://127.0.0.1:9/123456789012/default",
}.items():
    os.environ.setdefault(_name, _value)

# A key pair of this run alone, shared with the processes that tests start.
_PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
os.environ.setdefault("MEDIA_KEY_PAIR_ID", "KTESTS")
os.environ.setdefault("MEDIA_PRIVATE_KEY", _PEM.decode())

from settings.base import *  # noqa: E402, F403
from settings.base import CACHES, DATABASES, STORAGES, env  # noqa: E402

# A second database from the start: a task belongs to the database of the transaction that enqueued it.
DATABASES["other"] = DATABASES["default"] | {"NAME": f"{DATABASES['default'].get('NAME', '')}_other"}
# One Valkey serves all test processes.
CACHES["default"]["KEY_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
# On a busy machine the cache answers late; half a second would take it for one that is away.
CACHES["default"]["OPTIONS"] = {"SOCKET_TIMEOUT": 5, "SOCKET_CONNECT_TIMEOUT": 5}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The test client speaks http.
SECURE_SSL_REDIRECT = False
DEMO = True
DEMO_PHOTOS = "off"
MAILERS = {"default": {"BACKEND": "app.notifications.catching.CatchingBackend"}}

env.done()
