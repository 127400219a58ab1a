"""JSON Schema (2020-12, as OpenAPI 3.1 uses it) from the annotations of dataclasses."""

import types
import uuid
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["component_name", "reference", "schemas_of"]

type Schema = dict[str, Any]

_PLAIN: dict[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    type(None): {"type": "null"},
}


def component_name(hint: Any) -> str:
    """The name of a dataclass among the components: `Gallery`, and `GalleryPage` for `Page[Gallery]`."""
    origin = get_origin(hint)
    return str(hint.__name__ if origin is None else get_args(hint)[0].__name__ + origin.__name__)


def reference(hint: Any) -> Schema:
    """Refer to a dataclass among the components."""
    return {"$ref": f"#/components/schemas/{component_name(hint)}"}


def schemas_of(*hints: Any) -> dict[str, Schema]:
    """Describe these dataclasses and all that they are made of, by name."""
    found: dict[str, Schema] = {}
    waiting = list(hints)
    while waiting:
        hint = waiting.pop()
        if component_name(hint) not in found:
            parts = _parts(hint)
            found[component_name(hint)] = {
                "type": "object",
                "description": (get_origin(hint) or hint).__doc__,
                "properties": {name: _schema(part) for name, part in parts.items()},
                "required": list(parts),
            }
            waiting += [inner for part in parts.values() for inner in _dataclasses(part)]
    return dict(sorted(found.items()))


def _parts(hint: Any) -> dict[str, Any]:
    """The fields of a dataclass with their types, type variables filled in."""
    source = get_origin(hint) or hint
    hints = get_type_hints(source, include_extras=True)
    named = {field.name: hints[field.name] for field in fields(source)}
    return {name: part[get_args(hint)] if getattr(part, "__parameters__", ()) else part for name, part in named.items()}


def _schema(hint: Any) -> Schema:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if origin is Annotated:
        return _schema(inner[0]) | {"description": inner[1]}
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin is tuple:
        return {"type": "array", "items": _schema(inner[0])}
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_schema(one) for one in inner]}
    if is_dataclass(origin or hint):
        return reference(hint)
    raise TypeError(f"{hint} has no schema. Use str, int, UUID, date, datetime, Literal, tuples, None or a dataclass.")


def _dataclasses(hint: Any) -> list[Any]:
    if is_dataclass(get_origin(hint) or hint):
        return [hint]
    return [found for inner in get_args(hint) for found in _dataclasses(inner)]
