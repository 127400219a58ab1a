"""Keyset pagination: a page begins behind the last row of the one before, whatever was added or removed meanwhile.

A cursor holds that row's sort values, signed for one list of one studio. It names no page number and cannot be made
up, and deep pages cost as much as the first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Field, Model, Q, QuerySet

from app.accounts.models import Studio
from app.api.problems import BAD_REQUEST, Refusal
from app.api.resources import Page

__all__ = ["LARGEST_PAGE", "USUAL_PAGE", "Call", "Keyset", "page_of"]

LARGEST_PAGE = 200
USUAL_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler needs to know of a request: whose it is, its path, and its query parameters."""

    studio: Studio
    path: str
    query: dict[str, str]

    @property
    def limit(self) -> int:
        """How many rows a page may hold. Raises Refusal unless it is within 1 and LARGEST_PAGE."""
        text = self.query.get("limit", str(USUAL_PAGE))
        if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= LARGEST_PAGE:
            raise Refusal(BAD_REQUEST, f"limit is a whole number from 1 to {LARGEST_PAGE}.")
        return int(text)


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

    def values(self, row: Model) -> list[str]:
        """The columns of a row, as text."""
        return [_column(type(row), name).value_to_string(row) for name in self.columns]

    def parse(self, model: type[Model], values: list[str]) -> list[Any]:
        """Read them back. Raises ValueError or ValidationError if they are not this list's."""
        return [_column(model, name).to_python(text) for name, text in zip(self.columns, values, strict=True)]


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    found = model._meta.get_field(name)  # noqa: SLF001  # documented: Model _meta API
    assert isinstance(found, Field)  # noqa: S101  # for mypy: sort fields are columns
    return found


def page_of[M: Model, R](call: Call, rows: QuerySet[M], keyset: Keyset, *, present: Callable[[M], R]) -> Page[R]:
    """Return the part of `rows` that the call asks for. Raises Refusal for a bad limit or cursor; one query."""
    limit = call.limit
    signer = Signer(salt=f"api.cursor:{call.studio.pk}:{call.path}")
    found = list(keyset.apply(rows, _after(call, rows.model, keyset, signer))[: limit + 1])
    next_address = None
    if len(found) > limit:
        query = urlencode({"limit": limit, "after": signer.sign_object(keyset.values(found[limit - 1]))})
        next_address = f"{settings.SITE_URL}{call.path}?{query}"
    return Page(data=tuple(present(row) for row in found[:limit]), next=next_address)


def _after(call: Call, model: type[Model], keyset: Keyset, signer: Signer) -> list[Any] | None:
    cursor = call.query.get("after")
    if cursor is None:
        return None
    try:
        return keyset.parse(model, signer.unsign_object(cursor))
    except (BadSignature, ValueError, ValidationError):
        detail = "after is no cursor of this list. Follow the address in next, or begin without it."
        raise Refusal(BAD_REQUEST, detail) from None
