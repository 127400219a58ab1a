import asyncio
import io
import json
import logging

from serverless.emulator import limits
from serverless.emulator.cdn import EDGE_ADDRESS
from tests import aws as boto
from tests.serverless.emulator.cdn.viewer import MEDIA, PHOTO, cdn, put
from tests.serverless.emulator.support import in_loop


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
        response = await viewer.ask(
            "/answer", method="POST", data=json.dumps(answer).encode(), Content_Type="application/json"
        )
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
async def test_a_timeout_is_dressed_for_people_only() -> None:
    async with cdn(gateway_timeout_s=0.4) as viewer:
        await viewer.ask("/event")
        page = await viewer.ask("/sleep", Accept="text/html,*/*")
        assert (page.status, page.content_type) == (503, "text/html")
        assert "Please try again in a minute" in await page.text()
        plain = await viewer.ask("/sleep", Accept="application/json")
        assert (plain.status, await plain.json()) == (503, {"message": "Service Unavailable"})
        error = await viewer.ask("/raise", Accept="text/html")
        assert (error.status, await error.json()) == (500, {"message": "Internal Server Error"})


@in_loop
async def test_the_edges_own_limits() -> None:
    async with cdn() as viewer:
        assert (await viewer.ask("/event?" + "q" * (limits.CDN_URL_BYTES - 7))).status == 200
        assert (await viewer.ask("/event?" + "q" * (limits.CDN_URL_BYTES - 6))).status == 413
        assert (await viewer.ask("/event", X_Long="v" * 12_000)).status == 431  # the gateway's limit is the lower one
        assert (await viewer.ask("/event", X_Long="v" * limits.CDN_REQUEST_BYTES)).status == 413
        body = await viewer.ask("/event", method="POST", data=b"x" * (limits.GATEWAY_BODY_BYTES + 1))
        assert (body.status, await body.json()) == (413, {"message": "Request Entity Too Large"})


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
