"""Pages of the API's lists, by keyset: a cursor is signed for one list of one studio."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, QuerySet

from app.accounts.models import Studio
from app.api.problems import BAD_REQUEST, Refusal
from app.api.resources import Page
from app.web.keyset import Keyset

__all__ = ["LARGEST_PAGE", "USUAL_PAGE", "Call", "page_of"]

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


def page_of[M: Model, R](call: Call, rows: QuerySet[M], keyset: Keyset, *, present: Callable[[M], R]) -> Page[R]:
    """Return the part of `rows` that the call asks for. Raises Refusal for a bad limit or cursor; one query."""
    limit = call.limit
    salt = f"api.cursor:{call.studio.pk}:{call.path}"
    found = list(keyset.apply(rows, _after(call, rows.model, keyset, salt))[: limit + 1])
    next_address = None
    if len(found) > limit:
        query = urlencode({"limit": limit, "after": keyset.cursor(found[limit - 1], salt=salt)})
        next_address = f"{settings.SITE_URL}{call.path}?{query}"
    return Page(data=tuple(present(row) for row in found[:limit]), next=next_address)


def _after(call: Call, model: type[Model], keyset: Keyset, salt: str) -> list[Any] | None:
    cursor = call.query.get("after")
    if cursor is None:
        return None
    try:
        return keyset.place(model, cursor, salt=salt)
    except ValueError:
        detail = "after is no cursor of this list. Follow the address in next, or begin without it."
        raise Refusal(BAD_REQUEST, detail) from None
