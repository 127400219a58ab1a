"""Caching, validators and ranges, through the whole door and against the S3 of this machine."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from serverless.emulator.cdn.cache import LARGEST, Cache
from tests import aws as boto
from tests.serverless.emulator.cdn.viewer import FOREVER, MEDIA, PHOTO, Viewer, cdn, put
from tests.serverless.emulator.support import in_loop

SIZE = len(PHOTO)


def seen(response: aiohttp.ClientResponse) -> str:
    return response.headers["x-cache"]


async def warm(viewer: Viewer, path: str) -> aiohttp.ClientResponse:
    first = await viewer.ask(path)
    assert (first.status, seen(first)) == (200, "Miss from cloudfront")
    return first


@in_loop
async def test_the_second_viewer_is_answered_from_memory() -> None:
    put("media/cache/a.avif", ContentType="image/avif", CacheControl=FOREVER)
    async with cdn() as viewer:
        first = await warm(viewer, "/media/cache/a.avif?v=1")
        boto.client("s3").delete_object(Bucket=MEDIA, Key="media/cache/a.avif")
        second = await viewer.ask("/media/cache/a.avif?v=2")  # this behaviour forwards no query
        assert (second.status, seen(second), await second.read()) == (200, "Hit from cloudfront", PHOTO)
        assert int(second.headers["age"]) <= 2
        for name in ("content-type", "cache-control", "etag", "last-modified", "content-length", "accept-ranges"):
            assert second.headers[name] == first.headers[name]
        assert second.headers["x-content-type-options"] == "nosniff"
        head = await viewer.ask("/media/cache/a.avif", method="HEAD")
        assert (head.status, seen(head), await head.read()) == (200, "Hit from cloudfront", b"")
        assert head.headers["content-length"] == str(SIZE)


@pytest.mark.parametrize("cache_control", ["private, no-store", "no-store", "private, max-age=60"])
def test_what_is_private_is_asked_for_every_time(cache_control: str) -> None:
    key = f"media/cache/private-{len(cache_control)}"

    @in_loop
    async def scenario() -> None:
        put(key, CacheControl=cache_control)
        async with cdn() as viewer:
            await warm(viewer, f"/{key}")
            put(key, b"new", CacheControl=cache_control)
            again = await viewer.ask(f"/{key}")
            assert (seen(again), await again.read()) == ("Miss from cloudfront", b"new")

    scenario()


@in_loop
async def test_what_is_over_its_time_is_asked_about_and_kept_or_replaced() -> None:
    put("media/cache/stale", b"one", CacheControl="max-age=0")
    async with cdn() as viewer:
        first = await warm(viewer, "/media/cache/stale")
        same = await viewer.ask("/media/cache/stale")
        assert (same.status, seen(same), await same.read()) == (200, "RefreshHit from cloudfront", b"one")
        known = await viewer.ask("/media/cache/stale", If_None_Match=first.headers["etag"])
        assert (known.status, seen(known)) == (304, "RefreshHit from cloudfront")
        part = await viewer.ask("/media/cache/stale", Range="bytes=1-")
        assert (part.status, seen(part), await part.read()) == (206, "RefreshHit from cloudfront", b"ne")
        put("media/cache/stale", b"two!", CacheControl="max-age=60")
        changed = await viewer.ask("/media/cache/stale", If_None_Match=first.headers["etag"])
        assert (changed.status, seen(changed), await changed.read()) == (200, "Miss from cloudfront", b"two!")
        assert seen(await viewer.ask("/media/cache/stale")) == "Hit from cloudfront"


@in_loop
async def test_a_deleted_object_is_gone_once_it_is_over_its_time() -> None:
    put("media/cache/deleted", CacheControl="max-age=0")
    async with cdn() as viewer:
        await warm(viewer, "/media/cache/deleted")
        boto.client("s3").delete_object(Bucket=MEDIA, Key="media/cache/deleted")
        gone = await viewer.ask("/media/cache/deleted")
        assert (gone.status, seen(gone)) == (404, "Error from cloudfront")


@in_loop
async def test_a_rendition_that_appears_a_moment_later_shows() -> None:
    async with cdn() as viewer:
        assert (await viewer.ask("/media/cache/late")).status == 404
        put("media/cache/late", CacheControl=FOREVER)
        assert (await viewer.ask("/media/cache/late")).status == 200


@in_loop
async def test_a_head_before_the_first_get_keeps_nothing() -> None:
    put("media/cache/head", CacheControl=FOREVER)
    async with cdn() as viewer:
        head = await viewer.ask("/media/cache/head", method="HEAD")
        assert (head.status, seen(head), head.headers["content-length"]) == (200, "Miss from cloudfront", str(SIZE))
        assert await (await warm(viewer, "/media/cache/head")).read() == PHOTO


@in_loop
async def test_large_objects_pass_through_unkept() -> None:
    put("media/cache/large", b"x" * (LARGEST + 1), CacheControl=FOREVER)
    async with cdn() as viewer:
        for _ in range(2):
            response = await viewer.ask("/media/cache/large")
            assert (response.status, seen(response)) == (200, "Miss from cloudfront")
            assert len(await response.read()) == LARGEST + 1
        part = await viewer.ask("/media/cache/large", Range="bytes=-1")
        assert (part.status, await part.read()) == (206, b"x")


@in_loop
async def test_nothing_of_the_gateways_is_kept() -> None:
    async with cdn() as viewer:
        answers = [await viewer.event("/event/x", Host="a.example", Cookie=f"n={number}") for number in (1, 2)]
        assert [answer["cookies"] for answer in answers] == [["n=1"], ["n=2"]]


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize(
    ("header", "status", "body", "content_range"),
    [
        ("bytes=10-19", 206, PHOTO[10:20], f"bytes 10-19/{SIZE}"),
        ("bytes=-3", 206, PHOTO[-3:], f"bytes {SIZE - 3}-{SIZE - 1}/{SIZE}"),
        (f"bytes={SIZE - 2}-", 206, PHOTO[-2:], f"bytes {SIZE - 2}-{SIZE - 1}/{SIZE}"),
        ("bytes=20-29,10-19", 200, PHOTO, None),
        ("bytes=0-19,10-29", 200, PHOTO, None),
    ],
)
def test_ranges_are_the_same_from_memory_and_from_s3(
    kept: bool, header: str, status: int, body: bytes, content_range: str | None
) -> None:
    @in_loop
    async def scenario() -> None:
        put("media/cache/ranges", CacheControl=FOREVER)
        async with cdn() as viewer:
            if kept:
                await warm(viewer, "/media/cache/ranges")
            response = await viewer.ask("/media/cache/ranges", Range=header)
            assert (response.status, await response.read()) == (status, body)
            assert response.headers.get("content-range") == content_range
            assert seen(response) == ("Hit from cloudfront" if kept else "Miss from cloudfront")

    scenario()


@in_loop
async def test_a_range_behind_the_end_is_416() -> None:
    put("media/cache/short", b"12345", CacheControl=FOREVER)
    async with cdn() as viewer:
        assert (await viewer.ask("/media/cache/short", Range="bytes=9-")).status == 416
        await warm(viewer, "/media/cache/short")
        refused = await viewer.ask("/media/cache/short", Range="bytes=9-")
        assert (refused.status, refused.headers["content-range"], await refused.read()) == (416, "bytes */5", b"")


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "not kept"])
def test_several_ranges_come_in_parts(kept: bool) -> None:
    @in_loop
    async def scenario() -> None:
        put("media/cache/parts", ContentType="image/avif", CacheControl=FOREVER)
        async with cdn() as viewer:
            if kept:
                await warm(viewer, "/media/cache/parts")
            response = await viewer.ask("/media/cache/parts", Range="bytes=0-4,-5")
            assert response.status == 206
            found = re.fullmatch(r"multipart/byteranges; boundary=(\w+)", response.headers["content-type"])
            assert found is not None
            parts = (await response.read()).split(f"--{found[1]}".encode())
            heads = [f"Content-Type: image/avif\r\nContent-Range: bytes {span}/{SIZE}" for span in
                     ("0-4", f"{SIZE - 5}-{SIZE - 1}")]  # fmt: skip
            assert parts == [
                b"",
                f"\r\n{heads[0]}\r\n\r\n".encode() + PHOTO[:5] + b"\r\n",
                f"\r\n{heads[1]}\r\n\r\n".encode() + PHOTO[-5:] + b"\r\n",
                b"--\r\n",
            ]

    scenario()


@in_loop
async def test_validators_are_answered_from_memory() -> None:
    put("media/cache/known", CacheControl=FOREVER)
    async with cdn() as viewer:
        first = await warm(viewer, "/media/cache/known")
        etag, modified = first.headers["etag"], first.headers["last-modified"]
        earlier = "Sat, 01 Jan 2000 00:00:00 GMT"
        expected: list[tuple[dict[str, str], int]] = [
            ({"If_None_Match": etag}, 304),
            ({"If_None_Match": f'"other", W/{etag}'}, 304),
            ({"If_None_Match": "*"}, 304),
            ({"If_None_Match": '"other"'}, 200),
            ({"If_None_Match": '"other"', "If_Modified_Since": modified}, 200),
            ({"If_Modified_Since": modified}, 304),
            ({"If_Modified_Since": earlier}, 200),
            ({"If_Modified_Since": "yesterday"}, 200),
            ({"If_Match": etag}, 200),
            ({"If_Match": '"other"'}, 412),
            ({"If_Match": f"W/{etag}"}, 412),
            ({"If_Unmodified_Since": modified}, 200),
            ({"If_Unmodified_Since": earlier}, 412),
            ({"Range": "bytes=0-0", "If_Range": etag}, 206),
            ({"Range": "bytes=0-0", "If_Range": '"other"'}, 200),
            ({"Range": "bytes=0-0", "If_Range": modified}, 206),
            ({"Range": "bytes=0-0", "If_Range": earlier}, 200),
            ({"Range": "bytes=0-0", "If_None_Match": etag}, 304),
        ]
        for headers, status in expected:
            response = await viewer.ask("/media/cache/known", method="GET", data=None, **headers)
            assert (response.status, seen(response)) == (status, "Hit from cloudfront"), headers
            if status == 304:
                assert (response.headers["etag"], await response.read()) == (etag, b"")


@asynccontextmanager
async def broken_s3(*answers: bytes) -> AsyncIterator[str]:
    """An S3 that says these things, one a connection, and hangs up. Its address."""
    left = list(answers)

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


_WHOLE = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=0\r\nETag: "1"\r\nConnection: close\r\n\r\nphoto'
)
_CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nCache-Control: max-age=60\r\nConnection: close\r\n\r\nphot"
_BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@in_loop
async def test_while_s3_is_away_what_is_over_its_time_is_served() -> None:
    cache = Cache()
    async with broken_s3(_WHOLE, _BUSY, _CUT) as s3, cdn(endpoint=s3, cache=cache) as viewer:
        await warm(viewer, "/media/x")
        for _ in range(2):
            response = await viewer.ask("/media/x")
            assert (response.status, seen(response), await response.read()) == (200, "Hit from cloudfront", b"photo")


@in_loop
async def test_what_is_known_to_be_deleted_does_not_come_back_when_s3_is_away() -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with broken_s3(_WHOLE, missing, _BUSY) as s3, cdn(endpoint=s3) as viewer:
        await warm(viewer, "/media/x")
        assert (await viewer.ask("/media/x")).status == 404
        assert (await viewer.ask("/media/x")).status == 503


@in_loop
async def test_half_an_object_is_neither_served_nor_kept() -> None:
    async with broken_s3(_CUT, _WHOLE, _BUSY) as s3, cdn(endpoint=s3) as viewer:
        assert (await viewer.ask("/media/x")).status == 502
        await warm(viewer, "/media/x")
        assert (await viewer.ask("/media/y")).status == 503


@in_loop
async def test_age_counts_the_seconds_in_memory() -> None:
    put("media/cache/age", CacheControl="max-age=60")
    async with cdn() as viewer:
        await warm(viewer, "/media/cache/age")
        started = time.monotonic()
        await asyncio.sleep(1.05)
        age = int((await viewer.ask("/media/cache/age")).headers["age"])
        assert 1 <= age <= time.monotonic() - started + 1
