"""Lists of large tables in Django's admin, at a cost that does not grow with the table."""

from functools import cached_property
from typing import Any, Final

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import CASCADE, PROTECT, RESTRICT, Model, QuerySet
from django.http import HttpRequest

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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Count what goes along with them, where Django would fetch it all to list it by name.

        Returns, as Django's: lines, counts by model, what the user may not delete, what is in the way.
        """
        relations = self.opts.related_objects
        if any(relation.on_delete in (PROTECT, RESTRICT) for relation in relations):
            return super().get_deleted_objects(objs, request)
        found = list(objs)
        lines, counts, forbidden = [str(obj) for obj in found], {str(self.opts.verbose_name_plural): len(found)}, set()
        for relation in (one for one in relations if one.on_delete is CASCADE):
            rows = relation.related_model._base_manager.filter(  # noqa: SLF001 - documented: base managers
                **{f"{relation.field.name}__in": found}
            )
            count = rows[:COUNTED].count()
            options = relation.related_model._meta  # noqa: SLF001 - documented: Model _meta API
            if count:
                name = str(options.verbose_name_plural)
                counts[name] = counts.get(name, 0) + count
                lines.append(f"{'at least ' if count == COUNTED else ''}{count:,} {name}")
                if not self._may_delete(relation.related_model, request):
                    forbidden.add(options.verbose_name)
        return lines, counts, forbidden, []

    def _may_delete(self, model: type[Model], request: HttpRequest) -> bool:
        """What has no page of its own here goes with what it belongs to, as in Django's own list."""
        site = self.admin_site
        return not site.is_registered(model) or site.get_model_admin(model).has_delete_permission(request)
