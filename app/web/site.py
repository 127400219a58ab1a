"""Django's admin, without the questions to which it has no answer but an error."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignObjectRel
from django.http import HttpRequest
from django.http.response import HttpResponseBase

__all__ = ["Site"]


class _Autocomplete(AutocompleteJsonView):
    def process_request(self, request: HttpRequest) -> Any:
        """Refuse what Django lets through, as it refuses other parameters that none of its own pages sends.

        The other end of a relation has nothing to choose by, and PostgreSQL no text with a NUL in it.
        """
        found: Any = super().process_request(request)
        term, _, field, _ = found
        if "\0" in term or isinstance(field, ForeignObjectRel):
            raise PermissionDenied
        return found


class Site(AdminSite):
    """What ``django.contrib.admin.site`` is."""

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override] # the stubs say too much
        """Answer what the fields of forms ask while somebody types."""
        return _Autocomplete.as_view(admin_site=self)(request)
