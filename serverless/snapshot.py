"""SnapStart: one snapshot of a started environment becomes many environments, hours or weeks later.

What they would share must be gone before: sockets. What must differ between them is made anew after: the state of
random number generators. What may have changed since is asked for again: credentials and secrets.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

import logging
import os
import random
import sys

from django.core.cache import caches
from django.db import connections

from serverless import credentials, signed
from serverless.exceptions import ServerlessError

__all__ = ["after_restore", "before_snapshot", "register"]

_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"
_log = logging.getLogger(__name__)
# Of the secrets that settings were made of, so that a restored environment can tell whether they still hold.
_secrets: bytes | None = None


def register(*, secrets: bytes | None) -> None:
    """Have AWS's runtime client call the hooks. ``secrets`` is the digest of those that settings were made of."""
    global _secrets  # noqa: PLW0603 - the hooks are called without arguments
    _secrets = secrets
    try:
        # Part of Lambda's Python runtimes from 3.12 on, and on PyPI; what has no snapshots does without.
        import snapshot_restore_py
    except ImportError:
        return
    snapshot_restore_py.register_before_snapshot(before_snapshot)
    snapshot_restore_py.register_after_restore(after_restore)


def before_snapshot() -> None:
    """Close what is open: each restored environment would own the same end of the same connection."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        _call(connection, "close_pool")  # psycopg's, where OPTIONS ask for it
    for alias in caches:
        cache = caches[alias]
        cache.close()
        # django-redis keeps its pool through close(), for the whole process; Django's own pool goes with the object.
        _call(getattr(cache, "client", None), "do_close_clients")
        del caches[alias]
    signed.close_connections()


def after_restore() -> None:
    """Make what was restored an environment of its own."""
    # Python's generator was seeded at its import. os.urandom, and with it uuid4 and secrets, is the kernel's.
    random.seed()
    if (ssl := sys.modules.get("ssl")) is not None:
        ssl.RAND_add(os.urandom(32), 32.0)
    before_snapshot()  # other hooks may have connected after ours had closed
    credentials.forget()
    if _secrets is not None and _changed(_secrets):
        _start_again()


def _changed(known: bytes) -> bool:
    from serverless import secrets

    try:
        return secrets.digest(secrets.fetch()) != known
    except ServerlessError as error:
        # Those in the snapshot were good when it was taken, and most likely still are; no visitor must wait for more.
        _log.warning("The secrets could not be looked at after the restore: %s", error)
        return False


def _start_again() -> None:
    """Become an ordinary cold start: settings are read once, and whatever was made of the old ones must go."""
    _log.warning("Secrets have changed since the snapshot. Publish a new version: until then this is a cold start.")
    logging.shutdown()
    # The runtime asks for its next event instead of another restore.
    os.execve(sys.executable, sys.orig_argv, os.environ | {_TYPE: "on-demand"})  # noqa: S606 - our own command line


def _call(backend: object, method: str) -> None:
    """Call what only some backends have."""
    if (found := getattr(backend, method, None)) is not None:
        found()
