"""The emulator's own memory of pages as one more shared cache: who would get what of whom, if every path were kept."""

import gzip
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest
from aiohttp import web

from serverless.emulator import messages
from serverless.emulator.cdn import Pages
from tests.sharedcache import Answer, Request

__all__ = ["bleeds_through"]

# What the edge says about itself, and what depends on how a body travels.
_OWN = frozenset({"x-cache", "age", "accept-ranges", "content-length", "content-encoding", "x-content-type-options"})


def bleeds_through(found: Iterable[tuple[Request, Answer]]) -> tuple[list[str], int]:
    """Have everyone ask, one after the other; return a line for each who got another's, and how many came from memory.

    What the application says to each is what it says when it is told everything about them, cookies and all, which is
    more than the door passes on.
    """
    pages, wrong, hits = Pages(("/*",)), [], 0
    for request, own in found:
        asked = messages.Request(
            method=request.method, target=request.url, headers=tuple(request.headers.items()), body=b"", address=""
        )
        got = _at_once(pages.answer(asked, send=_saying(own)))
        hit = got.headers["x-cache"].startswith("Hit") if "x-cache" in got.headers else False
        hits += hit
        if hit and _seen(got, request) != _wanted(own, request):
            wrong.append(f"{request.who} gets another's: {request.method} {request.url} ({own.headers})")
    return wrong, hits


def _saying(own: Answer) -> Any:
    async def send(_: messages.Request) -> messages.Response:
        cookies = tuple(("set-cookie", cookie) for cookie in own.cookies)
        return messages.Response(status=own.status, headers=(*own.headers.items(), *cookies), body=own.body)

    return send


def _at_once(asking: Coroutine[Any, Any, web.StreamResponse]) -> web.Response:
    """What it returns; it waits for nothing, so that no event loop keeps Django from its database."""
    with pytest.raises(StopIteration) as done:
        asking.send(None)
    assert isinstance(done.value.value, web.Response)
    return done.value.value


def _seen(got: web.Response, request: Request) -> tuple[object, ...]:
    body = got.body if isinstance(got.body, bytes) else b""
    headers = {name.lower(): value for name, value in got.headers.items() if name.lower() != "set-cookie"}
    return _compared(got.status, headers, body, request), tuple(got.headers.getall("set-cookie", ()))


def _wanted(own: Answer, request: Request) -> tuple[object, ...]:
    return _compared(own.status, dict(own.headers), own.body, request), own.cookies


def _compared(status: int, headers: dict[str, str], body: bytes, request: Request) -> tuple[object, ...]:
    text = gzip.decompress(body) if headers.get("content-encoding") == "gzip" and body else body
    said = {name: value for name, value in headers.items() if name not in _OWN}
    if status == 304:  # it repeats a few headers of the page's
        said = {name: value for name, value in said.items() if name in {"etag", "cache-control", "vary"}}
    return status, said, b"" if request.method == "HEAD" else text
