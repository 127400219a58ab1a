"""Keyset pagination: a page begins behind the last row of the one before, whatever was added or removed meanwhile.

A cursor holds that row's sort values, signed for one list of one studio. It names no page number and cannot be made
up, and deep pages cost as much as the first.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Field, Model, Q, QuerySet
from django.http import Http404, QueryDict

__all__ = ["NEWEST_FIRST", "Keyset", "Part", "part_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """The order of a list: by its fields, then by id, all ascending or all descending."""

    fields: tuple[str, ...]
    descending: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All that the order rests on."""
        return (*self.fields, "id")

    def apply[M: Model](self, rows: QuerySet[M], after: list[Any] | None) -> QuerySet[M]:
        """Sort, and keep what comes behind these values of the columns."""
        sign, behind = ("-", "lt") if self.descending else ("", "gt")
        ordered = rows.order_by(*(sign + name for name in self.columns))
        if after is None:
            return ordered
        *outer, (last, value) = zip(self.columns, after, strict=True)
        rest = Q(**{f"{last}__{behind}": value})
        for name, value in reversed(outer):
            rest = Q(**{f"{name}__{behind}": value}) | (Q(**{name: value}) & rest)
        # "At or behind the first value" beside it: on that alone an index can begin at the right place.
        return ordered.filter(rest, **{f"{self.columns[0]}__{behind}e": after[0]})

    def reversed(self) -> "Keyset":
        """The same order from its other end."""
        return replace(self, descending=not self.descending)

    def values(self, row: Model) -> list[str]:
        """The columns of a row, as text."""
        return [_column(type(row), name).value_to_string(row) for name in self.columns]

    def parse(self, model: type[Model], values: list[str]) -> list[Any]:
        """Read them back. Raises ValueError or ValidationError if they are not this list's."""
        return [_column(model, name).to_python(text) for name, text in zip(self.columns, values, strict=True)]

    def cursor(self, row: Model, *, salt: str) -> str:
        """The place of a row, for an address."""
        return Signer(salt=salt).sign_object(self.values(row))

    def place(self, model: type[Model], cursor: str, *, salt: str) -> list[Any]:
        """Read a cursor. Raises ValueError unless it was made with this salt for this list."""
        try:
            return self.parse(model, Signer(salt=salt).unsign_object(cursor))
        except (BadSignature, ValidationError) as error:
            raise ValueError("This is no cursor of this list.") from error


NEWEST_FIRST: Final = Keyset(fields=("created_at",), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part[M: Model]:
    """Some rows of a list, and the cursors of what lies around them: empty where there is nothing."""

    rows: list[M]
    before: str
    after: str


def part_of[M: Model](rows: QuerySet[M], keyset: Keyset, query: QueryDict, *, size: int, salt: str) -> Part[M]:
    """The part of `rows` that `?after=` or `?before=` asks for, or the first; one query. Raises Http404 for others."""
    after, before = (_place(rows.model, keyset, query.get(name, ""), salt=salt) for name in ("after", "before"))
    if after and before:
        raise Http404("A part is behind one row, or in front of one.")
    found = list((keyset.reversed() if before else keyset).apply(rows, before or after)[: size + 1])
    more, found = len(found) > size, found[:size]
    if before:
        found.reverse()
    # Where it came from there is something on that side, as far as one knows.
    newer, older = (more, True) if before else (after is not None, more)
    return Part(
        rows=found,
        before=keyset.cursor(found[0], salt=salt) if found and newer else "",
        after=keyset.cursor(found[-1], salt=salt) if found and older else "",
    )


def _place(model: type[Model], keyset: Keyset, cursor: str, *, salt: str) -> list[Any] | None:
    try:
        return keyset.place(model, cursor, salt=salt) if cursor else None
    except ValueError:
        raise Http404("No part of this list begins here.") from None


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    found = model._meta.get_field(name)  # noqa: SLF001  # documented: Model _meta API
    assert isinstance(found, Field)  # noqa: S101  # for mypy: sort fields are columns
    return found
