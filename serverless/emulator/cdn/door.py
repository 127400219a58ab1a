"""What the edge does before and around everything else: its limits, who may see what, who is asking, its error pages.

The viewer function and the origin's custom header are emulated too: what the application may trust about a viewer is
what is written here and there, never what the viewer sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from aiohttp import web

from serverless.emulator import limits, pages
from serverless.emulator.aws import AwsClient
from serverless.emulator.cdn import bucket, signed, viewer_function
from serverless.emulator.cdn.behaviours import Behaviour, match
from serverless.emulator.cdn.cache import Cache
from serverless.emulator.cdn.kept import Pages
from serverless.emulator.cdn.maintenance import Maintenance
from serverless.emulator.gateway import Gateway, Problem
from serverless.emulator.messages import Headers, Request, Response, end_to_end

# The edge's address, which is all that the front door sees; from a documentation range (RFC 5737), so that code which
# takes it for the viewer's is found out.
EDGE_ADDRESS: Final = "203.0.113.7"
_STATED_HERE: Final = {"x-origin-secret", "cloudfront-forwarded-proto", "host"}
_READS: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdn:
    """`behaviours`: by the first segment of the path. `keys`: the trusted key group, public keys by id.

    `site_url`: the address that policies name, whichever of its names the viewer used. `secret`: the first of
    ORIGIN_SECRETS.
    """

    gateway: Gateway
    aws: AwsClient
    behaviours: Mapping[str, Behaviour]
    keys: Mapping[str, signed.PublicKey]
    site_url: str
    secret: str
    cache: Cache = field(default_factory=Cache)
    pages: Pages = field(default_factory=Pages)
    maintenance: Maintenance = field(default_factory=Maintenance)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Behaviours in order: S3 paths, then the gateway, whose pages may be kept."""
        headers = tuple((_text(name), _text(value)) for name, value in request.raw_headers)
        target = request.raw_path
        if len(target) > limits.CDN_URL_BYTES or _size(target, headers) > limits.CDN_REQUEST_BYTES:
            return _refused(413)
        if behaviour := match(self.behaviours, target.partition("?")[0]):
            return await self._from_bucket(request, behaviour)
        return await self._from_gateway(request, headers)

    async def _from_bucket(self, request: web.BaseRequest, behaviour: Behaviour) -> web.StreamResponse:
        if request.method not in _READS:
            return pages.page(403)
        path, _, query = request.raw_path.partition("?")
        if behaviour.signed:  # before the cache is looked at: what one viewer may see, another may not
            try:
                signed.verify(self._viewer(request, path, query), self.keys)
            except signed.Refused as refused:
                dressed = "text/html" in request.headers.get("Accept", "")
                return pages.refusal() if dressed else pages.error(403, refused.code, refused.message)
        forwarded = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] in behaviour.forwards)
        place = bucket.Place(bucket=behaviour.bucket, key=path[1:], query=forwarded)
        return await bucket.serve(request, place, aws=self.aws, cache=self.cache)

    def _viewer(self, request: web.BaseRequest, path: str, query: str) -> signed.Viewer:
        return signed.Viewer(
            base=f"{self.site_url}{path}",
            query=query,
            cookies=tuple(request.headers.getall("Cookie", ())),
            address=request.remote or "",
        )

    async def _from_gateway(self, request: web.BaseRequest, headers: Headers) -> web.StreamResponse:
        address = request.remote or ""
        sent = Request(method=request.method, target=request.raw_path, headers=headers, body=b"", address=address)
        if (instead := self.maintenance.answer(sent)) is not None:
            return _closed(instead)
        asked = viewer_function.handle(sent, self.gateway.takes)
        if isinstance(asked, int):
            return _refused(asked)
        if (body := await _read(request, most=self.gateway.takes.body_bytes)) is None:
            return _closed(pages.of_gateway(self.gateway.refuse(Problem.BODY), method=request.method))
        whole = replace(asked, body=body)
        if self.pages.has(request.raw_path):
            return await self.pages.answer(whole, send=self._send)
        response = await self._send(whole)
        return pages.instead_of(response) or pages.of_gateway(response, method=request.method)

    async def _send(self, request: Request) -> Response:
        return await self.gateway.handle(replace(request, headers=self._to_origin(request), address=EDGE_ADDRESS))

    def _to_origin(self, request: Request) -> Headers:
        return (
            *(pair for pair in end_to_end(request.headers) if pair[0].lower() not in _STATED_HERE),
            ("x-forwarded-for", request.address),
            ("x-origin-secret", self.secret),
            ("cloudfront-forwarded-proto", "http"),
            ("via", "1.1 emulator.cloudfront.net (CloudFront)"),
        )


async def _read(request: web.BaseRequest, *, most: int) -> bytes | None:
    """The body, or None where it is longer than the gateway takes."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def _refused(status: int) -> web.Response:
    """The page for a request that is not read to its end."""
    return _closed(pages.page(status))


def _closed(response: web.Response) -> web.Response:
    response.force_close()
    return response


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _size(target: str, headers: Headers) -> int:
    return len(target) + sum(len(name) + len(value.encode()) + len(": \r\n") for name, value in headers)
