"""A middleware that fails on demand, outside every view."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


def fault(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/fault":
            raise LookupError("a fault in a middleware")
        return get_response(request)

    return middleware
