"""Everything before the first event, so that no visitor waits for an import.

Lambda gives the init phase 10 s at full CPU speed before the first invocation
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). A failure here is raised: awslambdaric
reports it as an init error and Lambda starts a fresh environment at the next event.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["start", "uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Turn the garbage collector off for the length of the block, and exempt from it what the block has made.

    Nothing that an import makes is garbage. Collecting it costs 7-10% of a cold start, and freezing it keeps later
    collections from walking it again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def start() -> None:
    """Set Django up: secrets, settings, models, URLconf with every view it names, template engines, backends.

    Raises whatever keeps the project from starting, SecretUnavailable among it.
    """
    _set_up()
    # Here, not above: what they import comes out of uncollected(), too.
    from django.core.cache import caches
    from django.db import connections
    from django.template import engines
    from django.urls import get_resolver

    # url_patterns is resolved on first use; reading it imports every views module now.
    _load(get_resolver())
    engines.all()
    # Their modules, psycopg's and redis' among them. Nothing is connected.
    connections.all()
    caches.all()
    _load_signing()
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand") != "on-demand":
        _load_ahead()  # for a snapshot, or provisioned concurrency: ready before anybody comes


def _set_up() -> None:
    import django

    if not os.environ.get("SECRETS"):
        django.setup(set_prefix=False)
        _hook(secrets_digest=None)
        return
    from serverless import secrets

    with secrets.in_environment() as values:
        django.setup(set_prefix=False)
    _hook(secrets_digest=secrets.digest(values))


def _hook(*, secrets_digest: bytes | None) -> None:
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        from serverless import snapshot

        snapshot.register(secrets=secrets_digest)


def _load(resolver: object) -> None:
    for pattern in getattr(resolver, "url_patterns", ()):
        _load(pattern)


def _load_signing() -> None:
    """Import what signs for private files, where there is a key to sign with: most pages that show files will.

    11 ms of CPU here are 19 ms in an invocation, where 1,024 MB of memory come with 0.58 of a CPU:
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    """
    from serverless.conf import conf

    if conf().media_private_key:
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: F401
        from cryptography.hazmat.primitives.asymmetric import ec, padding  # noqa: F401


def _load_ahead() -> None:
    """Compile every template and URL pattern: a visitor who waits for a cold start would wait for all and needs few."""
    from django.template import engines
    from django.template.backends.django import DjangoTemplates
    from django.urls import get_resolver

    _ = get_resolver().reverse_dict  # filled at its first use, for the language that is active
    for engine in engines.all():
        if isinstance(engine, DjangoTemplates):
            for name in _files(engine.template_dirs):
                with suppress(Exception):  # whoever renders it is told
                    engine.get_template(name)


def _files(folders: "Sequence[str | Path]") -> Iterator[str]:
    for folder in folders:
        for within, _, names in os.walk(folder):
            yield from (os.path.relpath(f"{within}/{name}", folder) for name in names)
