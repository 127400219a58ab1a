import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

import pytest

from app.api.schemas import schemas_of


@dataclass(frozen=True, kw_only=True)
class Inner:
    """Inside."""

    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Outer[T]:
    """Outside."""

    id: uuid.UUID
    day: date
    kind: Annotated[Literal["a", "b"], "Which."]
    rows: tuple[T, ...]
    best: T | None


def test_dataclasses_become_components() -> None:
    assert schemas_of(Outer[Inner]) == {
        "Inner": {
            "type": "object",
            "description": "Inside.",
            "properties": {"at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}},
            "required": ["at"],
        },
        "InnerOuter": {
            "type": "object",
            "description": "Outside.",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "day": {"type": "string", "format": "date"},
                "kind": {"type": "string", "enum": ["a", "b"], "description": "Which."},
                "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
                "best": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
            },
            "required": ["id", "day", "kind", "rows", "best"],
        },
    }


@dataclass(frozen=True, kw_only=True)
class Odd:
    """Unsupported."""

    value: complex


def test_a_type_without_a_schema_is_named() -> None:
    with pytest.raises(TypeError, match="complex"):
        schemas_of(Odd)
