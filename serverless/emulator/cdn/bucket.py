"""One object for one viewer: out of the cache if it is fresh there, else from S3, kept on its way if it may be."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from serverless.emulator import pages
from serverless.emulator.aws import AwsClient
from serverless.emulator.cdn.answers import answer
from serverless.emulator.cdn.cache import Cache, Entry

_TO_S3: Final = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range")
_FROM_S3: Final = (
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "last-modified",
)
_CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an object is: `key` percent-encoded as it was sent, `query` only what the behaviour forwards."""

    bucket: str
    key: str
    query: str

    @property
    def cached_as(self) -> str:
        return f"{self.bucket}/{self.key}?{self.query}"


async def serve(request: web.BaseRequest, place: Place, *, aws: AwsClient, cache: Cache) -> web.StreamResponse:
    """Answer a GET or HEAD. Who may see the object has been decided before."""
    kept = cache.get(place.cached_as)
    if kept and kept.fresh:
        return answer(request.headers, kept, seen="Hit")
    wanted = _revalidation(kept) if kept else _passed_on(request.headers)
    try:
        found = await aws.get_object(place.bucket, place.key, query=place.query, method=request.method, headers=wanted)
    except (aiohttp.ClientError, TimeoutError):
        return _instead(request, kept)
    async with found:
        if kept and found.status >= 500:
            return _instead(request, kept)
        return await _relay(request, found, place=place, cache=cache, kept=kept)


def _instead(request: web.BaseRequest, kept: Entry | None) -> web.StreamResponse:
    # What is over its time is better than nothing:
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
    return answer(request.headers, kept, seen="Hit") if kept else pages.page(502)


def _revalidation(kept: Entry) -> dict[str, str]:
    return {"if-none-match": kept.headers["etag"]} if "etag" in kept.headers else {}


def _passed_on(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in _TO_S3 if name in asked}


async def _relay(
    request: web.BaseRequest, found: aiohttp.ClientResponse, *, place: Place, cache: Cache, kept: Entry | None
) -> web.StreamResponse:
    headers = {name: found.headers[name] for name in _FROM_S3 if name in found.headers}
    if found.status in {403, 404}:
        cache.drop(place.cached_as)
        return pages.page(404)
    if kept and found.status == 304:
        same = {name: value for name, value in headers.items() if name != "content-length"}
        entry = cache.keep(place.cached_as, {**kept.headers, **same}, kept.body)
        return answer(request.headers, entry, seen="RefreshHit")
    if found.status == 200 and request.method == "GET" and cache.takes(headers):
        try:  # whole before the first byte goes on: one object is a few milliseconds of loopback
            body = await found.read()
        except (aiohttp.ClientError, TimeoutError):
            return _instead(request, kept)
        return answer(request.headers, cache.keep(place.cached_as, headers, body), seen="Miss")
    return await _stream(request, found, headers)


async def _stream(
    request: web.BaseRequest, found: aiohttp.ClientResponse, headers: Mapping[str, str]
) -> web.StreamResponse:
    # What was uploaded is never sniffed into something else: the stack's response headers policy.
    own = {"x-cache": "Miss from cloudfront", "x-content-type-options": "nosniff"}
    response = web.StreamResponse(status=found.status, headers={**headers, **own})
    with suppress(ConnectionResetError):  # the viewer may leave at any time; S3 may not
        await response.prepare(request)
        if request.method == "GET":
            async for chunk in found.content.iter_chunked(_CHUNK):
                await response.write(chunk)
        await response.write_eof()
    return response
