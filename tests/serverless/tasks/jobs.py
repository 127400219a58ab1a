"""Tasks that do what tests need of them."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from django.db import OperationalError, connection
from django.tasks import TaskContext, task
from django.utils import translation

calls: list[Any] = []


@task
def add(a: int, b: int = 0) -> int:
    calls.append((a, b))
    return a + b


@task
def fail(text: str = "no such photo") -> None:
    calls.append(text)
    raise LookupError(text)


@task
def leave() -> None:
    sys.exit(3)


@task
def crash() -> None:
    """Stand for a worker that is gone: no outcome is reported."""
    calls.append("crash")
    raise KeyboardInterrupt


@task
def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task
async def later(value: int) -> int:
    await asyncio.sleep(0)
    return value * 2


@task(takes_context=True)
def attempt(context: "TaskContext[..., Any]", text: str) -> list[Any]:
    return [text, context.attempt, context.task_result.id]


@task
def give(kind: str) -> object:
    """Return what no row can hold."""
    return {"nul": "a\0b", "nan": float("nan"), "object": object()}[kind]


@task
def sleep(seconds: float) -> None:
    calls.append(seconds)
    time.sleep(seconds)


@task
def break_connection() -> str:
    """End the task's own session on the server, as a restart does."""
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return "done"


def _hidden() -> None: ...


misnamed = task(_hidden)


@task
def speak(language: str) -> str:
    """Activate a language and leave it so; return the one that was active before."""
    before = translation.get_language()
    translation.activate(language)
    return before
