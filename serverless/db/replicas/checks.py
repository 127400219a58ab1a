"""Whether replicas are set up so that they are used, and only where they may be."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's own name
from django.db import connections, router

from serverless.conf import conf
from serverless.db.replicas.router import Router

__all__ = ["check_replicas"]

_MIDDLEWARE = "serverless.db.replicas.middleware.ReadYourWrites"
# What lets people in: https://docs.djangoproject.com/en/6.1/topics/auth/
_NEVER = frozenset({"auth", "sessions"})


@register
def check_replicas(**_: Any) -> list[CheckMessage]:
    """serverless.E020 to W024; nothing where no replica is named."""
    return [*_aliases(), *_models(), *_wiring()] if conf().replicas.of else []


def _aliases() -> Iterator[CheckMessage]:
    named = [alias for primary, copies in conf().replicas.of.items() for alias in (primary, *copies)]
    for alias in sorted({alias for alias in named if alias not in connections or named.count(alias) > 1}):
        yield Error(
            f'SERVERLESS["REPLICAS"]["OF"] names {alias!r}, which is no alias of DATABASES or stands there twice.',
            hint="Name each alias of DATABASES once: a primary, and the list of its replicas.",
            id="serverless.E020",
        )


def _models() -> Iterator[CheckMessage]:
    known = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001 - documented
    for label in sorted(conf().replicas.models):
        if label not in known:
            yield Error(
                f'SERVERLESS["REPLICAS"]["MODELS"] names {label!r}, which is no model.',
                hint='Write "app_label.Model", as in AUTH_USER_MODEL.',
                id="serverless.E021",
            )
        elif label.partition(".")[0] in _NEVER or label == settings.AUTH_USER_MODEL.lower():
            yield Error(
                f'SERVERLESS["REPLICAS"]["MODELS"] names {label!r}: who was locked out would still get in.',
                hint="Users, sessions, permissions, tokens and whatever else lets people in are read from the primary.",
                id="serverless.E022",
            )


def _wiring() -> Iterator[CheckMessage]:
    if not router.routers or not isinstance(router.routers[0], Router):
        yield Error(
            "Replicas are named, but serverless.db.replicas.Router is not the first of DATABASE_ROUTERS.",
            hint="Put it first: it asks the others whose the rows are.",
            id="serverless.E023",
        )
    if _MIDDLEWARE not in settings.MIDDLEWARE:
        yield Warning(
            f"Replicas are named, but {_MIDDLEWARE} is not in MIDDLEWARE: nothing is read from them.",
            hint="Put it above what writes (sessions) and above what caches pages.",
            id="serverless.W024",
        )
