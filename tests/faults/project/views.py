"""The web function's pages: enqueue what it is told, in one transaction; pause, resume; notes; a page with a cache."""

import json
import time

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse

from serverless.cache import get_or_compute
from serverless.cache.counts import counts
from serverless.tasks.work import pausing
from tests.faults.project import policies, tasks


class _Undo(Exception):
    """Rolls a transaction or a savepoint back."""


def enqueue(request: HttpRequest) -> JsonResponse:
    """Take ``{"tasks": [[name, kwargs], …], "end": "commit" | "rollback" | "savepoint", "hold": 0}``; 200: committed.

    With ``savepoint`` the transaction is committed, and a savepoint around the tasks rolled back. ``hold``: seconds for
    which the transaction stays open after its tasks.
    """
    asked = json.loads(request.body)
    try:
        with transaction.atomic():
            if asked["end"] == "savepoint":
                _in_lost_savepoint(asked["tasks"])
                return JsonResponse({"ids": []}, status=202)
            ids = _enqueue(asked["tasks"])
            time.sleep(asked["hold"])
            if asked["end"] == "rollback":
                raise _Undo
    except _Undo:
        return JsonResponse({"ids": []}, status=202)
    return JsonResponse({"ids": ids})


def pause(request: HttpRequest) -> JsonResponse:
    """Take ``{"name": queue or path of a task, "on": bool}``."""
    asked = json.loads(request.body)
    done = (pausing.pause if asked["on"] else pausing.resume)(asked["name"], database="default")
    return JsonResponse({"done": done})


def notes(request: HttpRequest) -> JsonResponse:
    """GET: how many there are. POST: take ``{"mark": "…", "hold": 0}``, keep it; 200: committed."""
    if request.method == "GET":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notes")
            (count,) = cursor.fetchone()
        return JsonResponse({"count": count})
    asked = json.loads(request.body)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO notes (mark) VALUES (%s)", [asked["mark"]])
        time.sleep(asked["hold"])
    return JsonResponse({"mark": asked["mark"]})


def cached(request: HttpRequest) -> JsonResponse:
    """A page that asks its cache for ten things; how often it got no answer, and what this process has waited for."""
    away, found = counts.away, 0
    cache.get_or_set("limit", 0, 60)
    page = get_or_compute("page", lambda: "whole", ttl=60, stale=60)
    for number in range(4):
        found += cache.get(f"key-{number}") is not None
        cache.set(f"key-{number}", number)
    breaker = cache.client.valkey().connection_pool.breaker  # type: ignore[attr-defined] # ValkeyCache's
    return JsonResponse({"page": page, "found": found, "away": counts.away - away, "timeouts": breaker.timeouts})


def _in_lost_savepoint(wanted: list[tuple[str, dict[str, object]]]) -> None:
    try:
        with transaction.atomic():
            _enqueue(wanted)
            raise _Undo
    except _Undo:
        return


def _enqueue(wanted: list[tuple[str, dict[str, object]]]) -> list[str]:
    known = vars(tasks) | vars(policies)
    return [known[name].enqueue(**kwargs).id for name, kwargs in wanted]
