"""A browser in front of the shipped CDN: real signatures, the test run's own bucket, a gateway behind it."""

import io
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from yarl import URL

from serverless.emulator.aws import AwsClient
from serverless.emulator.cdn import Cdn, Maintenance, Pages, behaviours
from serverless.emulator.cdn.cache import Cache
from serverless.emulator.cdn.signed import PublicKey
from serverless.emulator.gateway import GATEWAYS
from serverless.storage import SignedCookies
from tests import aws as boto
from tests.serverless.emulator.support import function_config, running

MEDIA = os.environ["MEDIA_BUCKET"]
SITE_URL = os.environ["SITE_URL"]
PHOTO = bytes(range(256)) * 2000
FOREVER = "public, max-age=31536000, immutable"
SIGNED = ("media", "originals")


class Viewer:
    """A browser in front of the CDN; paths are sent exactly as written."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    @property
    def port(self) -> int:
        return int(self._base.rpartition(":")[2])

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        data: bytes | AsyncIterator[bytes] | None = None,
        **headers: str,
    ) -> aiohttp.ClientResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        # Pieces are sent without a length, as chunks.
        body = io.BytesIO(data) if isinstance(data, bytes) else data
        response = await self._session.request(
            method, URL(f"{self._base}{path}", encoded=True), headers=sent, data=body, allow_redirects=False
        )
        await response.read()
        return response

    async def event(self, path: str = "/event", **headers: str) -> dict[str, Any]:
        return dict(json.loads(await (await self.ask(path, method="GET", data=None, **headers)).read()))


@asynccontextmanager
async def cdn(
    *,
    signed: tuple[str, ...] = (),
    keys: Mapping[str, PublicKey] | None = None,
    cache: Cache | None = None,
    endpoint: str | None = None,
    gateway_timeout_s: float | None = None,
    front_door: str = "http-api",
    handler: str = "handlers.web",
    environ: dict[str, str] | None = None,
    log: list[str] | None = None,
    maintenance: Maintenance | None = None,
    pages: tuple[str, ...] = (),
) -> AsyncIterator[Viewer]:
    """The CDN on a port of its own, with the test run's media bucket and key, and no bucket behind `/static/*`."""
    aws = AwsClient(os.environ if endpoint is None else {**os.environ, "AWS_ENDPOINT_URL": endpoint})
    lines = [] if log is None else log
    async with (
        running(function_config(handler), log=lines, environ=environ) as function,
        aiohttp.ClientSession() as session,
    ):
        door = Cdn(
            gateway=GATEWAYS[front_door](function, log=lines.append, timeout_s=gateway_timeout_s),
            aws=aws,
            behaviours=behaviours(static="no-such-bucket", media=MEDIA, signed=signed),
            keys=trusted() if keys is None else keys,
            site_url=SITE_URL,
            secret="current",
            cache=cache or Cache(),
            maintenance=maintenance or Maintenance(),
            pages=Pages(pages),
        )
        server = web.Server(door.handle, access_log=None, max_line_size=65_536, max_field_size=65_536)
        runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield Viewer(session, f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await session.close()
            await runner.cleanup()
            await aws.close()


def trusted() -> dict[str, PublicKey]:
    """The public half of what the test settings sign with."""
    key = load_pem_private_key(os.environ["MEDIA_PRIVATE_KEY"].encode(), password=None).public_key()
    return {os.environ["MEDIA_KEY_PAIR_ID"]: key}  # type: ignore[dict-item]  # of P-256


def put(key: str, body: bytes = PHOTO, **options: Any) -> None:
    boto.client("s3").put_object(Bucket=MEDIA, Key=key, Body=body, **options)


def cookie(cookies: SignedCookies, **changed: str) -> str:
    """The header that a browser sends; `changed` by the last word of a name, `Policy="…"`."""
    values = {
        "Policy": cookies.policy,
        "Signature": cookies.signature,
        "Key-Pair-Id": cookies.key_pair_id,
        "Hash-Algorithm": cookies.hash_algorithm,
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"CloudFront-{name}={value}" for name, value in values.items() if value)


def target(url: str) -> str:
    """Path and query of a URL, exactly as they are written there."""
    assert url.startswith(SITE_URL)
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
