import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.cdn import EDGE_ADDRESS, viewer_function
from serverless.emulator.gateway import GATEWAYS
from tests import aws as boto
from tests.serverless.emulator.cdn.viewer import MEDIA, PHOTO, cdn, put
from tests.serverless.emulator.support import in_loop


def posting(answer: dict[str, Any]) -> dict[str, Any]:
    """What to ask, so that the function returns `answer`."""
    return {"method": "POST", "data": json.dumps(answer).encode(), "Content_Type": "application/json"}


@in_loop
async def test_the_viewer_is_what_the_edge_saw_not_what_the_viewer_says() -> None:
    async with cdn() as viewer:
        event = await viewer.event(
            Host="photos.example",
            X_Viewer_Host="evil.example",
            x_viewer_address="198.51.100.66",
            X_ORIGIN_SECRET="guess",
            CloudFront_Forwarded_Proto="https",
            X_Forwarded_For="198.51.100.66",
        )
    headers = event["headers"]
    assert headers["x-viewer-host"] == "photos.example"
    assert headers["x-viewer-address"] == "127.0.0.1"
    assert headers["x-origin-secret"] == "current"
    assert headers["cloudfront-forwarded-proto"] == "http"
    assert headers["x-forwarded-for"] == f"198.51.100.66, 127.0.0.1, {EDGE_ADDRESS}"
    assert event["requestContext"]["http"]["sourceIp"] == EDGE_ADDRESS


@in_loop
async def test_requests_and_answers_pass_unchanged() -> None:
    async with cdn() as viewer:
        event = await viewer.event("/event/a%20b?q=%20x", Cookie="a=1; b=2")
        assert (event["rawPath"], event["rawQueryString"]) == ("/event/a b", "q=%20x")
        assert event["cookies"] == ["a=1", "b=2"]
        answer = {"statusCode": 302, "headers": {"location": "/g/"}, "cookies": ["a=1", "b=2; Secure"], "body": ""}
        response = await viewer.ask("/answer", **posting(answer))
        assert (response.status, response.headers["location"]) == (302, "/g/")
        assert response.headers.getall("set-cookie") == ["a=1", "b=2; Secure"]
        head = await viewer.ask("/event", method="HEAD")
        assert (head.status, await head.read(), head.headers["cache-control"]) == (200, b"", "no-store")
        assert int(head.headers["content-length"]) > 0


@in_loop
async def test_objects_come_with_their_headers_ranges_and_validators() -> None:
    put("media/g/p/w.avif", ContentType="image/avif", CacheControl="public, max-age=31536000, immutable")
    async with cdn() as viewer:
        whole = await viewer.ask("/media/g/p/w.avif?v=1")
        assert (whole.status, await whole.read()) == (200, PHOTO)
        assert whole.headers["content-type"] == "image/avif"
        assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert whole.headers["x-content-type-options"] == "nosniff"
        part = await viewer.ask("/media/g/p/w.avif", Range="bytes=10-19")
        assert (part.status, await part.read()) == (206, PHOTO[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{len(PHOTO)}"
        known = await viewer.ask("/media/g/p/w.avif", If_None_Match=whole.headers["etag"])
        assert (known.status, await known.read()) == (304, b"")
        head = await viewer.ask("/media/g/p/w.avif", method="HEAD")
        assert (head.status, await head.read(), head.headers["content-length"]) == (200, b"", str(len(PHOTO)))


@in_loop
async def test_only_reading_is_offered_and_nothing_outside_the_path() -> None:
    put("originals/secret.jpg")
    put("media/é a.jpg")
    async with cdn() as viewer:
        for path in ("/media/../originals/secret.jpg", "/media/%2e%2e/originals/secret.jpg"):
            assert (await viewer.event(path))["rawPath"] == "/media/../originals/secret.jpg"  # not CloudFront's media
        assert (await viewer.ask("/media/..%2Foriginals/secret.jpg")).status == 404
        assert (await viewer.ask("/media/x/..%2F..%2Foriginals/secret.jpg")).status == 404
        assert (await viewer.ask("/media/%C3%A9%20a.jpg")).status == 200
        assert (await viewer.ask("/media/new.jpg", method="PUT", data=b"x")).status == 403
        assert (await viewer.ask("/media/new.jpg")).status == 404
        assert (await viewer.event("/mediator"))["rawPath"] == "/mediator"


@in_loop
async def test_what_is_missing_gets_a_friendly_page() -> None:
    async with cdn() as viewer:
        for path in ("/media/none.jpg", "/static/none.css"):
            missing = await viewer.ask(path)
            assert missing.status == 404
            assert "There is no file at this address" in await missing.text()
            assert missing.headers["cache-control"] == "no-store"


@in_loop
async def test_what_the_gateway_could_not_answer_becomes_a_page_whatever_is_accepted() -> None:
    async with cdn(gateway_timeout_s=0.5) as viewer:
        await viewer.ask("/event")
        for accepted in ("text/html,*/*", "application/json"):
            late = await viewer.ask("/sleep", Accept=accepted)
            assert (late.status, late.content_type) == (503, "text/html")
            assert "Please try again in a minute" in await late.text()
            failed = await viewer.ask("/raise", Accept=accepted)
            assert (failed.status, failed.content_type) == (503, "text/html")


@pytest.mark.parametrize(
    ("status", "shown"), [(500, True), (501, True), (404, True), (502, False), (503, False), (504, False)]
)
def test_the_functions_own_errors_are_shown_where_the_edge_has_no_page(status: int, shown: bool) -> None:
    @in_loop
    async def scenario() -> None:
        async with cdn() as viewer:
            answer = {"statusCode": status, "headers": {"content-type": "text/plain"}, "body": "the function's own"}
            response = await viewer.ask("/answer", **posting(answer))
            assert response.status == status
            assert ("the function's own" in await response.text()) is shown

    scenario()


@pytest.mark.parametrize("front_door", GATEWAYS)
def test_every_front_door_stands_behind_the_edge(front_door: str) -> None:
    """Who asks is told to each; what each could not answer becomes one and the same page, its status a 502 or 503."""

    @in_loop
    async def scenario() -> None:
        async with cdn(front_door=front_door, gateway_timeout_s=5) as viewer:
            event = await viewer.event("/event/a?q=1", Host="photos.example", X_Viewer_Host="evil.example")
            headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
            if "multiValueHeaders" in event:
                headers |= {name.lower(): values[-1] for name, values in event["multiValueHeaders"].items()}
            assert (headers["x-viewer-host"], headers["x-viewer-address"]) == ("photos.example", "127.0.0.1")
            assert headers["x-origin-secret"] == "current"
            assert headers["host"] != "photos.example"
            failed = await viewer.ask("/raise")
            assert failed.status == {"http-api": 503}.get(front_door, 502)
            assert "One moment" in await failed.text()

    scenario()


@pytest.mark.parametrize(("front_door", "init"), [*((name, "raise") for name in GATEWAYS), ("http-api", "exit")])
def test_while_the_function_cannot_start_visitors_get_the_page_and_the_next_event_starts_afresh(
    tmp_path: Path, front_door: str, init: str
) -> None:
    log: list[str] = []
    environ = {"INIT": init, "MENDED": str(tmp_path / "mended")}

    @in_loop
    async def scenario() -> None:
        async with cdn(front_door=front_door, handler="fragile.site", environ=environ, log=log) as viewer:
            page = await viewer.ask("/")
            assert page.status in {502, 503}
            assert "Please try again in a minute" in await page.text()
            tries = [line for line in log if "INIT_REPORT" in line]
            assert len(tries) == 2  # as many as Lambda's
            if init == "raise":
                said = [line for line in log if "the database driver is missing" in line]
                assert len(said) == 2  # once a try
            (tmp_path / "mended").touch()
            assert (await viewer.ask("/")).status == 200

    scenario()


@in_loop
async def test_the_edges_own_limits() -> None:
    async with cdn() as viewer:
        assert (await viewer.ask("/event?" + "q" * (limits.CDN_URL_BYTES - 7))).status == 200
        assert (await viewer.ask("/event?" + "q" * (limits.CDN_URL_BYTES - 6))).status == 413
        for size, status in ((12_000, 431), (limits.CDN_REQUEST_BYTES, 413)):
            refused = await viewer.ask("/event", X_Long="v" * size, Accept="application/json")
            assert (refused.status, refused.content_type) == (status, "text/html")
        body = await viewer.ask("/event", method="POST", data=b"x" * 5_000_000)
        assert (body.status, body.content_type) == (413, "text/html")
        assert (await viewer.ask("/event")).status == 200


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100_000):
        yield b"x" * 100_000
    yield b"x" * (size % 100_000)


@pytest.mark.parametrize(
    ("front_door", "size", "said"),
    [
        ("http-api", limits.HTTP_API_BODY_BYTES + 1, '{"message":"Request Entity Too Large"}'),
        ("http-api", 5_000_000, '{"message":"Request Entity Too Large"}'),
        ("rest-api", 5_000_000, '{"message":"Request Too Long"}'),
        ("alb", limits.ALB_BODY_BYTES + 1, "<center><h1>413 Request Entity Too Large</h1></center>"),
        ("function-url", 5_000_000, '{"message":"Request Entity Too Large"}'),
    ],
)
def test_bodies_of_unknown_length_are_refused_by_the_front_door(front_door: str, size: int, said: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with cdn(front_door=front_door) as viewer:
            refused = await viewer.ask("/event", method="POST", data=pieces(size))
            assert refused.status == 413
            assert said in await refused.text()
            short = await viewer.ask("/event", method="POST", data=pieces(500_000))
            assert short.status == 200

    scenario()


@in_loop
async def test_the_largest_requests_that_the_edge_lets_through_are_answered() -> None:
    """Binary body, headers, cookies and query at their limits at once: the event still fits Lambda's 6 MB."""
    query = "&".join(f"k{number}=v%20{number}" for number in range(400))
    cookie = "; ".join(f"c{number}={'v' * 20}" for number in range(120))
    room = limits.HTTP_API_HEADER_BYTES - viewer_function.EDGE_BYTES - len(query) - len(cookie) - 400
    for front_door in ("http-api", "rest-api", "function-url"):
        takes = GATEWAYS[front_door].takes
        body = b"\xff" * viewer_function.most_body_bytes(takes, {})
        async with cdn(front_door=front_door) as viewer:
            answer = await viewer.ask(f"/short?{query}", method="POST", data=body, Cookie=cookie, X_Long="v" * room)
            assert answer.status == 200, front_door


@in_loop
async def test_text_in_headers_arrives_as_it_was_sent() -> None:
    async with cdn() as viewer:
        assert (await viewer.event("/event", X_Name="Zoë, 世界"))["headers"]["x-name"] == "Zoë, 世界"


@in_loop
async def test_a_load_balancers_reason_reaches_the_viewer() -> None:
    async with cdn(front_door="alb") as viewer:
        response = await viewer.ask("/answer", **posting({"statusCode": 410, "statusDescription": "410 Gone Fishing"}))
        assert (response.status, response.reason) == (410, "Gone Fishing")


@in_loop
async def test_a_bucket_that_does_not_answer_is_a_502() -> None:
    async with cdn(endpoint="http://127.0.0.1:9") as viewer:
        assert (await viewer.ask("/media/a.jpg")).status == 502


@in_loop
async def test_a_viewer_that_leaves_in_the_middle_of_a_file_is_no_error() -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger("aiohttp.server").addHandler(handler)
    body = b"x" * 30_000_000  # more than the sockets' buffers take
    boto.client("s3").put_object(Bucket=MEDIA, Key="media/cdn/long", Body=body)
    async with cdn() as viewer:
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", viewer.port)
            writer.write(b"GET /media/cdn/long HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readexactly(1000)
            writer.transport.abort()
        assert len(await (await viewer.ask("/media/cdn/long")).read()) == len(body)
    logging.getLogger("aiohttp.server").removeHandler(handler)
    assert said.getvalue() == ""
