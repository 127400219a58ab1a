"""What changes when a column is altered, and whether the code before can live with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Field

from serverless.deploy.migrations import advice
from serverless.deploy.migrations.findings import Problem

__all__ = ["Narrowing", "column", "narrowings"]

# What is a varchar, whatever Django calls it; and integers that differ in a check alone.
_SAME: Final = {
    "SlugField": "CharField",
    "FilePathField": "CharField",
    "FileField": "CharField",
    "PositiveIntegerField": "IntegerField",
    "PositiveSmallIntegerField": "SmallIntegerField",
    "PositiveBigIntegerField": "BigIntegerField",
    "AutoField": "IntegerField",
    "BigAutoField": "BigIntegerField",
    "SmallAutoField": "SmallIntegerField",
}
_DIGITS: Final = ("max_digits", "decimal_places")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """``never``: not after the switch either."""

    problem: Problem
    never: bool = False


def column(field: "Field[Any, Any]", name: str) -> str:
    return field.db_column or name.lower()


def narrowings(before: "Field[Any, Any]", after: "Field[Any, Any]") -> Iterator[Narrowing]:
    """Yield what ``after`` takes away from ``before``: both are fields of one column."""
    if before.many_to_many or after.many_to_many:
        if before.many_to_many != after.many_to_many:
            yield Narrowing(problem=advice.TYPE, never=True)
        return
    if _type(before) != _type(after) and not _widens(before, after):
        yield Narrowing(problem=advice.TYPE, never=True)
    elif _length(after) < _length(before):
        yield Narrowing(problem=advice.SHORTER, never=True)
    if before.null and not after.null:
        yield Narrowing(problem=advice.NULL_ENDS)
    if before.has_db_default() and not after.has_db_default():
        yield Narrowing(problem=advice.DEFAULT_ENDS)
    if after.unique and not before.unique:
        yield Narrowing(problem=advice.UNIQUE, never=True)
    if _indexed(after) and not _indexed(before) and not after.unique:
        yield Narrowing(problem=advice.INDEX, never=True)
    if "Positive" in after.get_internal_type() and "Positive" not in before.get_internal_type():
        yield Narrowing(problem=advice.CONSTRAINT)


def _indexed(field: "Field[Any, Any]") -> bool:
    return bool(getattr(field, "db_index", False))


def _type(field: "Field[Any, Any]") -> tuple[object, ...]:
    internal = field.get_internal_type()
    related = field.remote_field.model if field.remote_field else None
    return _SAME.get(internal, internal), related, *(getattr(field, name, None) for name in _DIGITS)


def _widens(before: "Field[Any, Any]", after: "Field[Any, Any]") -> bool:
    """Whether PostgreSQL changes the type in its catalogue alone: varchar to text."""
    return _type(before)[0] == "CharField" and _type(after)[0] == "TextField"


def _length(field: "Field[Any, Any]") -> float:
    return float("inf") if field.max_length is None or field.get_internal_type() == "TextField" else field.max_length
