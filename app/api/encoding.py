"""Resources as JSON."""

import json
import uuid
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime

__all__ = ["encode"]


def encode(value: object) -> bytes:
    """Write a resource as JSON in UTF-8: times in UTC with a Z and microseconds, ids as 36 characters."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"The API has no form for {type(value).__name__}. Add one to app.api.encoding and its schema.")
