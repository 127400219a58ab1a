"""Loupe's entry point with views that take too long, for a process that is really killed when its time is up."""

import asyncio
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings

settings.SERVERLESS = settings.SERVERLESS | {"HTTP": {"INTERFACE": os.environ.get("TESTED_INTERFACE", "wsgi")}}

from serverless.handlers.main import handler  # noqa: E402 - what follows needs the models that it loads

__all__ = ["handler"]

from django.contrib.sessions.models import Session  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from serverless import context  # noqa: E402

FOREVER = 60


def who(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"pid": os.getpid(), "left": context.remaining()})


def sleeps(_: HttpRequest) -> JsonResponse:
    time.sleep(FOREVER)
    return JsonResponse({})


def asks_the_database(_: HttpRequest) -> JsonResponse:
    with transaction.atomic():
        Session.objects.create(session_key="late", session_data="", expire_date=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [FOREVER])
    return JsonResponse({})


def swallows(_: HttpRequest) -> JsonResponse:
    until = time.monotonic() + FOREVER
    while time.monotonic() < until:
        with suppress(BaseException):  # the bad habit that is tested
            time.sleep(FOREVER)
    return JsonResponse({})


def is_compiled(_: HttpRequest) -> JsonResponse:
    """Hold the main thread in code that looks at no signal, for some seconds."""
    hashlib.pbkdf2_hmac("sha256", b"", b"", 20_000_000)
    return JsonResponse({})


def streams(_: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter(lambda: b"x" * 65_536, None))


def trickles(_: HttpRequest) -> StreamingHttpResponse:
    def drops() -> Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield b"x"

    return StreamingHttpResponse(drops())


def exits(_: HttpRequest) -> JsonResponse:
    raise SystemExit(3)


async def awaits(_: HttpRequest) -> JsonResponse:
    await asyncio.sleep(FOREVER)
    return JsonResponse({})


def _install() -> None:
    from app import urls

    views: dict[str, Any] = {
        "who": who, "sleeps": sleeps, "asks": asks_the_database, "swallows": swallows, "compiled": is_compiled,
        "streams": streams, "trickles": trickles, "exits": exits, "awaits": awaits,
    }  # fmt: skip
    for name, view in views.items():
        urls.urlpatterns.insert(0, path(f"{name}/", view))


_install()
