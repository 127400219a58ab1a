"""Pages of the application that are kept: the paths in `pages`, and of their answers what says so.

Nothing about a visitor is in the key, and so the application learns nothing about one: no cookie, no query, no header
but what the viewer function states. As CloudFront does with the policies of `serverless.stack.edge.kept`, but that an
answer which sets a cookie is never kept; CloudFront would give the cookie to everyone, if it was told to keep the page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from serverless import kept
from serverless.emulator import pages
from serverless.emulator.cdn.answers import answer
from serverless.emulator.cdn.behaviours import normalised
from serverless.emulator.cdn.cache import Cache, Entry, Policy, ttl
from serverless.emulator.messages import Headers, Request, Response, end_to_end

# A page is at most what Lambda answers with, 6 MB, and most are a hundredth of that.
CAPACITY: Final = 16 * 1024**2
POLICY: Final = Policy(default=0, most=7 * 86_400)

type Send = Callable[[Request], Awaitable[Response]]

_KEPT: Final = frozenset({200, 301, 302, 307, 308})
_STATED: Final = frozenset({"x-viewer-host", "x-viewer-address"})
# CloudFront asks in its own name: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
_USER_AGENT: Final = ("user-agent", "Amazon CloudFront")
_CODINGS: Final = ("br", "gzip")


class Pages:
    """What is kept of `paths`, by path and coding. `cache` holds nothing else."""

    def __init__(self, paths: tuple[str, ...] = (), *, cache: Cache | None = None) -> None:
        self._paths = paths
        self._cache = cache or Cache(capacity=CAPACITY)
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def has(self, target: str) -> bool:
        """Whether a request's path is one of these."""
        return kept.covers(self._paths, normalised(target.partition("?")[0]))

    async def answer(self, request: Request, *, send: Send) -> web.StreamResponse:
        """Answer out of memory, or by `send`, which asks the application and never fails."""
        asked = _impersonal(request)
        if request.method not in {"GET", "HEAD"}:
            return _passed(await send(asked), method=request.method)
        key = f"{_coding(request.headers)} {asked.target}"
        known, headers = self._cache.get(key), CIMultiDict(request.headers)
        if known and known.fresh:
            return answer(headers, known, seen="Hit")
        if known and known.stale:
            self._refresh(key, known, asked, send)
            return answer(headers, known, seen="Hit")
        if request.method == "HEAD":
            return _passed(await send(asked), method="HEAD")
        return await self._ask(key, known, asked, send, headers=headers)

    async def _ask(
        self, key: str, known: Entry | None, asked: Request, send: Send, *, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        response = await send(_conditional(asked, known))
        if known and known.excused and response.status >= 500:
            return answer(headers, known, seen="Hit")
        entry = self._take(key, known, response)
        if entry is None:
            return _passed(response, method=asked.method)
        return answer(headers, entry, seen="RefreshHit" if response.status == 304 else "Miss")

    def _refresh(self, key: str, known: Entry, asked: Request, send: Send) -> None:
        """Fetch the next one, once, while this one is shown."""
        if key in self._under_way:
            return

        async def fetch() -> None:
            response = await send(_conditional(replace(asked, method="GET"), known))
            if response.status < 500:
                self._take(key, known, response)

        task = self._under_way[key] = asyncio.create_task(fetch())
        task.add_done_callback(lambda _: self._under_way.pop(key))

    def _take(self, key: str, known: Entry | None, response: Response) -> Entry | None:
        """What the answer leaves in memory under `key`: the answer, the one before if it is the same, or nothing."""
        headers = _combined(response.headers)
        if known and response.status == 304:
            # All of them, as RFC 9111 has it in section 3.2; of Content-Type a cache may think otherwise.
            headers = {**known.headers, **{name: headers[name] for name in headers if name != "content-length"}}
            response = replace(response, status=known.status, body=known.body)
        if response.status not in _KEPT or "set-cookie" in headers or not ttl(headers, POLICY):
            self._cache.drop(key)
            return None
        headers.pop("content-length", None)
        return self._cache.keep(key, headers, response.body, status=response.status, policy=POLICY)


def _impersonal(request: Request) -> Request:
    """What the application sees: as little as the two policies pass on."""
    stated = tuple((name, value) for name, value in request.headers if name.lower() in _STATED)
    coding = _coding(request.headers)
    accepted = (("accept-encoding", coding),) if coding else ()
    return replace(request, target=request.target.partition("?")[0], headers=(*stated, _USER_AGENT, *accepted))


def _conditional(asked: Request, known: Entry | None) -> Request:
    if known is None or "etag" not in known.headers:
        return asked
    return replace(asked, headers=(*asked.headers, ("if-none-match", known.headers["etag"])))


def _coding(headers: Headers) -> str:
    """Accept-Encoding as CloudFront puts it into the key: of its two codings those that are taken at all."""
    said = ",".join(value for name, value in headers if name.lower() == "accept-encoding").lower()
    taken = {part.partition(";")[0].strip() for part in said.split(",") if not _refused(part)}
    return ",".join(coding for coding in _CODINGS if coding in taken)


def _refused(part: str) -> bool:
    weight = part.partition(";")[2].replace(" ", "")
    return weight.startswith("q=0") and not weight.removeprefix("q=0").strip(".0")


def _combined(headers: Headers) -> dict[str, str]:
    """Headers by name, in small letters; of several of one name all, with commas."""
    found: dict[str, str] = {}
    for name, value in end_to_end(headers):
        small = name.lower()
        found[small] = f"{found[small]}, {value}" if small in found else value
    return found


def _passed(response: Response, *, method: str) -> web.Response:
    """An answer for this visitor alone."""
    if (page := pages.instead_of(response)) is not None:
        return page
    whole = pages.of_gateway(response, method=method)
    whole.headers["x-cache"] = "Miss from cloudfront"
    return whole
