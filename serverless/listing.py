"""Lists of large tables in Django's admin, at a cost that does not grow with the table."""

from functools import cached_property
from typing import Final

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet

__all__ = ["COUNTED", "BoundedPaginator", "LargeTable"]

# Counting further tells nobody anything.
COUNTED: Final = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # generic in the stubs alone
    """Counts to ``COUNTED`` and no further: there are as many pages as hold those rows."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet = self.object_list  # type: ignore[assignment, type-arg] # the admin gives no other
        return rows.order_by()[:COUNTED].count()


class LargeTable(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Newest first by the primary key, which ids of version 7 make the order of time; no other order has an index."""

    ordering = ["-pk"]
    sortable_by = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 0
