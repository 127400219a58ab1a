"""The web function's one page: enqueue what it is told, in one transaction."""

import json

from django.db import transaction
from django.http import HttpRequest, JsonResponse

from tests.faults.project import tasks


class _Undo(Exception):
    """Rolls a transaction or a savepoint back."""


def enqueue(request: HttpRequest) -> JsonResponse:
    """Take ``{"tasks": [[name, kwargs], …], "end": "commit" | "rollback" | "savepoint"}``; 200 once it is committed.

    With ``savepoint`` the transaction is committed, and a savepoint around the tasks rolled back.
    """
    asked = json.loads(request.body)
    try:
        with transaction.atomic():
            if asked["end"] == "savepoint":
                _in_lost_savepoint(asked["tasks"])
                return JsonResponse({"ids": []}, status=202)
            ids = _enqueue(asked["tasks"])
            if asked["end"] == "rollback":
                raise _Undo
    except _Undo:
        return JsonResponse({"ids": []}, status=202)
    return JsonResponse({"ids": ids})


def _in_lost_savepoint(wanted: list[tuple[str, dict[str, object]]]) -> None:
    try:
        with transaction.atomic():
            _enqueue(wanted)
            raise _Undo
    except _Undo:
        return


def _enqueue(wanted: list[tuple[str, dict[str, object]]]) -> list[str]:
    return [getattr(tasks, name).enqueue(**kwargs).id for name, kwargs in wanted]
