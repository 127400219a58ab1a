"""A page as Django's cache middleware keeps it: its head as JSON, its body as it is.

Pickle takes 14 us to bring a response back, and whatever code the bytes name; this takes 7 us, and makes an
HttpResponse of any subclass, since a page that was sent once has no more to decide.
"""

import json
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any, Final

from django.http import HttpResponse

__all__ = ["dumps", "loads"]

# What a response is made of. Whatever else hangs on it, a decorator has put there for a middleware, and comes along.
_OWN: Final = frozenset(vars(HttpResponse(status=200))) | {
    # TemplateResponse's, of no use once it is rendered, and never pickled either
    "template_name", "context_data", "_post_render_callbacks", "_request", "_is_rendered", "using",
    # the handler's and the test client's
    "_resource_closers", "_handler_class", "resolver_match", "client", "context", "templates", "json", "request",
    "wsgi_request", "exc_info",
}  # fmt: skip


def dumps(response: HttpResponse, data: Callable[[object], bytes]) -> bytes:
    """Return a page's bytes; ``data`` writes members of other packages. Raises NotData for what is none."""
    head: list[object] = [
        response.status_code,
        response._reason_phrase,  # type: ignore[attr-defined] # noqa: SLF001 - None unless it is unusual
        response._charset,  # type: ignore[attr-defined] # noqa: SLF001
        dict(response.headers.items()),
        [morsel.OutputString() for morsel in response.cookies.values()],
        {name: data(value).decode() for name, value in vars(response).items() if name not in _OWN},
    ]
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + response.content


def loads(written: bytes, read: Callable[[bytes], Any]) -> HttpResponse:
    """Return the page that follows the first byte. Raises ValueError, TypeError or LookupError for anything else."""
    end = written.index(b"\n")
    status, reason, charset, headers, cookies, others = json.loads(written[1:end])
    response = HttpResponse(written[end + 1 :], status=status, reason=reason, charset=charset, headers=headers)
    for cookie in cookies:
        response.cookies.update(SimpleCookie(cookie))
    for name, value in others.items():
        if name in _OWN or hasattr(HttpResponse, name):
            raise ValueError("Something else than this package has written this page.")
        setattr(response, name, read(value.encode()))
    return response
