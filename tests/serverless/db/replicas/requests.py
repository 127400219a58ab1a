"""A viewer: requests through the middleware, with the cookies of the answers before."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from serverless.db.replicas import using_replicas
from serverless.db.replicas.middleware import ReadYourWrites
from serverless.tasks.models import Pause

type View = Callable[[HttpRequest], Any]


class Viewer:
    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.last = HttpResponse()

    def get(self, view: View, *, method: str = "GET") -> Any:
        """Return what the view returned."""
        request = RequestFactory().generic(method, "/")
        request.COOKIES |= self.cookies
        seen: list[Any] = []

        def answer(request: HttpRequest) -> HttpResponse:
            seen.append(view(request))
            return HttpResponse(headers={"Cache-Control": "public, max-age=60, s-maxage=600"})

        response = ReadYourWrites(answer)(request)
        assert isinstance(response, HttpResponse)
        self.last = response
        self.cookies |= {name: morsel.value for name, morsel in response.cookies.items()}
        return seen[0]

    def post(self, view: View) -> Any:
        return self.get(view, method="POST")


@using_replicas()
def names(_request: HttpRequest) -> tuple[list[str], set[str | None]]:
    """The rows, and the databases that they were read from."""
    rows = list(Pause.objects.order_by("name"))
    return [row.name for row in rows], {row._state.db for row in rows}


def add(name: str) -> View:
    return lambda _: Pause.objects.create(name=name, by="", reason="")
