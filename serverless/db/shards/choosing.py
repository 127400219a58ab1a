"""Django's admin, one shard at a time: each list offers them all, and the choice holds for every page."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import DEFAULT_DB_ALIAS
from django.db.models import ForeignKey, Q, QuerySet
from django.http import HttpRequest

from serverless.db.shards.current import aliases, current, is_on
from serverless.db.shards.directory import find_directory
from serverless.db.shards.exceptions import ShardClosed
from serverless.db.shards.kinds import is_key
from serverless.db.shards.middleware import CHOICE
from serverless.db.shards.models import Move, Step

__all__ = ["OnShard"]


class ShardFilter(admin.SimpleListFilter):
    """The shards as links; which one is current the middleware has found out before."""

    title = "shard"
    parameter_name = CHOICE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        return [(alias, alias) for alias in aliases()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - Django's signature
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:  # noqa: ARG002 - Django's signature
        for alias in aliases():
            yield {"selected": alias == current(), "query_string": f"?{CHOICE}={alias}", "display": alias}


class OnShard(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """The admin of a model whose rows lie on shards. Where there are none it is Django's own.

    While a key is moved from or to the chosen shard, nothing is changed there: raises ShardClosed.
    """

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _require_open(request)
        return super().changelist_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _require_open(request)
        return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _require_open(request)
        return super().delete_view(request, *args, **kwargs)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Offer the shards first."""
        given = super().get_list_filter(request)
        return [ShardFilter, *given] if is_on() else given

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Take keys of this shard alone: a row of another one's would be where nobody looks for it."""
        if is_on() and is_key(db_field.related_model):
            field = find_directory().shard_field
            kwargs["queryset"] = db_field.related_model._default_manager.filter(**{field: current()})  # noqa: SLF001 - documented
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _require_open(request: HttpRequest) -> None:
    """Whose rows a form changes is not known before it has; so nobody's, for the minutes of a move."""
    if not is_on() or request.method != "POST":
        return
    moves = Move.objects.using(DEFAULT_DB_ALIAS).filter(step__in=[Step.CLOSED, Step.SWITCHED])
    key = moves.filter(Q(source=current()) | Q(target=current())).values_list("key", flat=True).first()
    if key is not None:
        raise ShardClosed(key)
