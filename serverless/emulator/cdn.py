"""CloudFront: two buckets behind paths of their own, everything else to the gateway, nothing cached.

The viewer function and the origin's custom header are emulated too: what the application may trust about a viewer is
what is written here, never what the viewer sent.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from serverless.emulator import limits, pages
from serverless.emulator.aws import AwsClient
from serverless.emulator.gateway import Gateway
from serverless.emulator.messages import Headers, Request, Response, end_to_end

# The edge's address, which is all that API Gateway sees; from a documentation range (RFC 5737), so that code which
# takes it for the viewer's is found out.
EDGE_ADDRESS: Final = "203.0.113.7"
_STATED_HERE: Final = {"x-origin-secret", "x-viewer-host", "x-viewer-address", "cloudfront-forwarded-proto"}
_TO_S3: Final = ("range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range")
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
_READS: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdn:
    """`buckets`: first path segment to bucket name. `secret`: the first of ORIGIN_SECRETS."""

    gateway: Gateway
    aws: AwsClient
    buckets: Mapping[str, str]
    secret: str

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Behaviours in order: S3 paths, then the gateway."""
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers)
        target = request.raw_path
        if len(target) > limits.CDN_URL_BYTES or _size(target, headers) > limits.CDN_REQUEST_BYTES:
            return _too_large()
        path = target.partition("?")[0]
        bucket = self.buckets.get(path.split("/")[1]) if path.count("/") > 1 else None
        if bucket is not None:
            return await self._from_bucket(request, bucket=bucket, key=path[1:])
        if (body := await _read(request)) is None:
            return _too_large()
        return await self._from_gateway(request, headers=headers, body=body)

    async def _from_gateway(self, request: web.BaseRequest, *, headers: Headers, body: bytes) -> web.StreamResponse:
        address = request.remote or ""
        response = await self.gateway.handle(
            Request(
                method=request.method,
                target=request.raw_path,
                headers=(
                    *(pair for pair in end_to_end(headers) if pair[0].lower() not in {*_STATED_HERE, "host"}),
                    ("x-forwarded-for", address),
                    ("x-origin-secret", self.secret),
                    ("x-viewer-host", request.headers.get("Host", "")),
                    ("x-viewer-address", address),
                    ("cloudfront-forwarded-proto", "http"),
                    ("via", "1.1 emulator.cloudfront.net (CloudFront)"),
                ),
                body=body,
                address=EDGE_ADDRESS,
            )
        )
        if response.status in pages.DRESSED and "text/html" in request.headers.get("Accept", ""):
            return pages.page(response.status)
        return _answer(response, method=request.method)

    async def _from_bucket(self, request: web.BaseRequest, *, bucket: str, key: str) -> web.StreamResponse:
        if request.method not in _READS:
            return pages.page(403)
        wanted = {name: request.headers[name] for name in _TO_S3 if name in request.headers}
        try:
            found = await self.aws.get_object(bucket, key, method=request.method, headers=wanted)
        except (aiohttp.ClientError, TimeoutError):
            return pages.page(502)
        async with found:
            if found.status in {403, 404}:
                return pages.page(404)
            return await _stream(request, found)


async def _stream(request: web.BaseRequest, found: aiohttp.ClientResponse) -> web.StreamResponse:
    passed = {name: found.headers[name] for name in _FROM_S3 if name in found.headers}
    # What was uploaded is never sniffed into something else: the stack's response headers policy.
    response = web.StreamResponse(status=found.status, headers=passed | {"x-content-type-options": "nosniff"})
    with suppress(ConnectionResetError):  # the viewer may leave at any time; S3 may not
        await response.prepare(request)
        if request.method == "GET":
            async for chunk in found.content.iter_chunked(_CHUNK):
                await response.write(chunk)
        await response.write_eof()
    return response


async def _read(request: web.BaseRequest) -> bytes | None:
    """The body, or None where it is longer than the gateway takes."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limits.GATEWAY_BODY_BYTES:
            return None
    return bytes(body)


def _answer(response: Response, *, method: str) -> web.Response:
    answer = web.Response(status=response.status, body=response.body)
    answer.headers.clear()
    # A function's own length is the gateway's to state; only the answer to a HEAD has no body to count.
    kept = method == "HEAD" and not response.body
    for name, value in response.headers:
        if kept or name.lower() != "content-length":
            answer.headers.add(name, value)
    return answer


def _too_large() -> web.Response:
    response = web.Response(status=413, text='{"message":"Request Entity Too Large"}', content_type="application/json")
    response.force_close()
    return response


def _size(target: str, headers: Headers) -> int:
    return len(target) + sum(len(name) + len(value) + len(": \r\n") for name, value in headers)
