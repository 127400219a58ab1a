"""JSON bodies of the page's calls, which anybody may write."""

import json
from typing import Any

from django.http import HttpRequest

from app.uploads.files import MOST_FILES


class BadBody(ValueError):
    """The body is not what this address takes; the message says what is."""


def json_list(request: HttpRequest) -> list[Any]:
    """The descriptions of files in the body. Raises BadBody."""
    items = _json(request)
    if not isinstance(items, list) or not items:
        raise BadBody("The body is not a list of files.")
    if len(items) > MOST_FILES:
        raise BadBody(f"More than {MOST_FILES} files in one call. Send the rest in another.")
    return items


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The fields in the body. Raises BadBody."""
    fields = _json(request)
    if not isinstance(fields, dict):
        raise BadBody("The body is not an object.")
    return fields


def _json(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadBody("The body is not JSON.") from None
