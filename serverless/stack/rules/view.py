"""A template as CloudFormation would make it: conditions decided, ``Fn::If`` replaced, names of others as text."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from serverless.stack.config import StackConfig

__all__ = ["Kind", "Resource", "View", "listed", "names_of", "text", "views"]

type Kind = Literal["releases", "home", "edge"]

# Two parameters decide each of our templates at most: four ways. More conditions than this are a template to split.
_MAX_CONDITIONS: Final = 6
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    name: str
    """Its logical id."""
    type: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]
    """What stands beside its properties: ``DeletionPolicy`` and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way that a template's conditions can turn out, and the stack that it is of."""

    kind: Kind
    config: StackConfig
    template: Mapping[str, Any]
    whole: Mapping[str, Any]
    """The template as it travels, before anything was decided."""

    def all(self, *types: str) -> Iterator[Resource]:
        """Yield resources of the types, or every resource."""
        for name, body in self.template.get("Resources", {}).items():
            if not types or body["Type"] in types:
                properties = body.get("Properties", {})
                yield Resource(name=name, type=body["Type"], properties=properties, attributes=body)


def views(template: Mapping[str, Any], *, kind: Kind, config: StackConfig) -> Iterator[View]:
    """Yield a view for every way that the template's conditions can turn out."""
    conditions = sorted(template.get("Conditions", {}))
    if len(conditions) > _MAX_CONDITIONS:
        raise ValueError(f"{len(conditions)} conditions are {2 ** len(conditions)} templates: fewer, please.")
    for truth in itertools.product((True, False), repeat=len(conditions)):
        decided = _resolve(template, dict(zip(conditions, truth, strict=True)))
        yield View(kind=kind, config=config, template=decided, whole=template)


def _resolve(value: Any, truth: Mapping[str, bool]) -> Any:
    if isinstance(value, list):
        return [item for part in value if (item := _resolve(part, truth)) is not _NOTHING]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "AWS::NoValue"}:
        return _NOTHING
    if value.keys() == {"Fn::If"}:
        condition, there, otherwise = value["Fn::If"]
        return _resolve(there if truth[condition] else otherwise, truth)
    kept = ((key, _resolve(part, truth)) for key, part in value.items() if _holds(part, truth))
    return {key: part for key, part in kept if part is not _NOTHING}


def _holds(part: Any, truth: Mapping[str, bool]) -> bool:
    """Whether a resource or an output is made at all. A policy's ``Condition`` is a table, and no name."""
    condition = part.get("Condition") if isinstance(part, dict) else None
    return not isinstance(condition, str) or truth[condition]


def text(value: Any) -> str:
    """Return a value as one text in which ``${Name}`` and ``${Name.Attribute}`` stand for what AWS fills in."""
    if not isinstance(value, dict):
        return str(value)
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::GetAtt": str(name)}:
            return f"${{{name}}}"
        case {"Fn::Sub": [pattern, values]}:
            return _substituted(pattern, values)
        case {"Fn::Sub": pattern}:
            return str(pattern)
        case {"Fn::Join": [separator, list(parts)]}:
            return str(separator).join(text(part) for part in parts)
    return str(value)


def _substituted(pattern: str, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        pattern = pattern.replace(f"${{{name}}}", text(value))
    return pattern


def listed(value: Any) -> list[Any]:
    """Return what may be one thing or a list of them as a list; None is none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def names_of(value: Any, name: str) -> bool:
    """Whether a value is made of the resource ``name``: its reference or one of its attributes."""
    found = text(value)
    return f"${{{name}}}" in found or f"${{{name}." in found
