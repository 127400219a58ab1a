"""The page, in the admin's section *Database*."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from serverless.db.statements.models import Statement
from serverless.db.statements.reading import ORDERS, SHOWN, Reason, Unavailable, forget, read

_PAGE = "statements_statement_changelist"
_RESET = "statements_statement_reset"
_NOT_RESET = {
    Reason.REFUSED: "This user of the database may not reset. As its administrator: GRANT EXECUTE ON FUNCTION "
    "pg_stat_statements_reset TO the user that this page connects as.",
    Reason.AWAY: "The database did not answer. Nothing was reset.",
}


@admin.register(Statement)
class StatementAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("", view(self.page), name=_PAGE), path("reset/", view(require_POST(self.reset)), name=_RESET)]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Answer with two statements, however many were counted."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        database, order = _database(request.GET.get("database")), request.GET.get("order", "total")
        if order not in ORDERS:
            raise Http404("There is no such order.")
        context = {
            **self.admin_site.each_context(request),
            "title": "Top queries", "opts": self.opts, "database": database, "databases": _databases(),
            "order": order, "orders": list(ORDERS), "shown": SHOWN, "may_reset": _may_reset(request),
        }  # fmt: skip
        try:
            context["found"] = read(database, order=order)
        except Unavailable as unavailable:
            context["reason"] = unavailable.reason.name
            context["user"] = connections[database].settings_dict["USER"]
        return TemplateResponse(request, "admin/statements/statement/page.html", context)

    def reset(self, request: HttpRequest) -> HttpResponse:
        if not _may_reset(request):
            raise PermissionDenied
        database = _database(request.POST.get("database"))
        try:
            forget(database)
        except Unavailable as unavailable:
            self.message_user(request, _NOT_RESET.get(unavailable.reason, str(unavailable)), messages.ERROR)
        else:
            self.message_user(request, "Statements are counted anew from now on.", messages.SUCCESS)
        return HttpResponseRedirect(f"{reverse(f'admin:{_PAGE}')}?{urlencode({'database': database})}")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False


def _databases() -> list[str]:
    return [alias for alias in connections if connections[alias].vendor == "postgresql"]


def _database(asked: str | None) -> str:
    alias = asked or DEFAULT_DB_ALIAS
    if alias not in _databases():
        raise Http404("There is no such database.")
    return alias


def _may_reset(request: HttpRequest) -> bool:
    return request.user.has_perm("statements.view_statement") and request.user.has_perm("statements.reset_statement")
