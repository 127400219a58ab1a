"""How PostgreSQL would find the rows of a statement, by EXPLAIN."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import connection

__all__ = ["LARGE", "accesses", "largest_gallery"]

# The tables that grow with use; the rest stays small, or has pages of its own that are bounded.
LARGE: Final = frozenset({"galleries_photo", "sharing_accessevent"})
_EXPLAINED: Final = ("SELECT", "UPDATE", "DELETE", "WITH")


def accesses(statements: Iterable[str]) -> set[str]:
    """Return "table by index" for each way into a large table, "table by Seq Scan" for one that reads it all."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, tablename FROM pg_indexes WHERE tablename = ANY(%s)", [list(LARGE)])
        tables: dict[str, str] = dict(cursor.fetchall())
        for statement in statements:
            if statement.lstrip().startswith(_EXPLAINED) and any(table in statement for table in LARGE):
                cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
                (plan,) = cursor.fetchone()
                found |= set(_ways((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], tables))
    return found


def _ways(node: dict[str, Any], tables: dict[str, str]) -> Iterator[str]:
    index = node.get("Index Name", "")
    if index in tables:
        yield f"{tables[index]} by {index}"
    elif node["Node Type"].endswith("Seq Scan") and node["Relation Name"] in LARGE:
        yield f"{node['Relation Name']} by {node['Node Type']}"
    for child in node.get("Plans", ()):
        yield from _ways(child, tables)


def largest_gallery() -> tuple[Any, Any]:
    """The largest studio and its gallery with the most photos, published."""
    from django.db.models import Count

    from app.accounts.models import Studio

    studio = Studio.objects.annotate(size=Count("galleries")).order_by("-size", "pk")[0]
    gallery = studio.galleries.filter(status="published").annotate(size=Count("photos")).order_by("-size", "pk")[0]
    return studio, gallery
