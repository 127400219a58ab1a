"""Pages of the application, kept: through the whole door, with a function behind it that says what it is told to."""

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from serverless.emulator.cdn import Maintenance
from tests.serverless.emulator.cdn.viewer import Viewer, cdn
from tests.serverless.emulator.support import eventually, in_loop

PAGES: Final = ("/", "/about", "/blog/*")
LASTING: Final = "public, max-age=5, s-maxage=600, stale-while-revalidate=600, stale-if-error=600"
PASSING: Final = "public, s-maxage=1"
TEXT: Final = {"content-type": "text/plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A door with an application behind it."""

    viewer: Viewer
    folder: Path
    log: list[str] = field(default_factory=list)

    def publish(self, body: str = "", *, keep: str = LASTING, etag: str = "", **page: Any) -> None:
        """Have the application answer so from now on."""
        headers = TEXT | ({"cache-control": keep} if keep else {}) | ({"etag": etag} if etag else {})
        said = {"headers": headers | page.pop("headers", {}), "body": body, **page}
        (self.folder / "new").write_text(json.dumps(said))
        (self.folder / "new").replace(self.folder / "page")

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the application was asked."""
        calls = self.folder / "calls"
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    async def see(self, path: str = "/", **headers: str) -> tuple[int, str, str]:
        """Status, text and X-Cache's first word."""
        response = await self.viewer.ask(path, method="GET", data=None, **headers)
        return response.status, await response.text(), seen(response)


def seen(response: aiohttp.ClientResponse) -> str:
    return response.headers.get("x-cache", "").partition(" ")[0]


@asynccontextmanager
async def site(folder: Path, **options: Any) -> AsyncIterator[Site]:
    environ, log = {"PAGE": str(folder / "page"), "CALLS": str(folder / "calls")}, list[str]()
    async with cdn(handler="published.site", environ=environ, pages=PAGES, log=log, **options) as viewer:
        yield Site(viewer=viewer, folder=folder, log=log)


def test_the_second_visitor_is_answered_without_the_application(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", headers={"vary": "Accept-Encoding", "content-security-policy": "default-src 'self'"})
            first = await it.viewer.ask("/")
            assert (first.status, await first.text(), seen(first)) == (200, "one", "Miss")
            it.publish("two")
            second = await it.viewer.ask("/")
            assert (second.status, await second.text(), seen(second)) == (200, "one", "Hit")
            assert int(second.headers["age"]) <= 2
            for name in ("content-type", "cache-control", "content-length", "vary", "content-security-policy"):
                assert second.headers[name] == first.headers[name]
            head = await it.viewer.ask("/", method="HEAD")
            assert (seen(head), await head.read(), head.headers["content-length"]) == ("Hit", b"", "3")
            assert len(it.events) == 1

    scenario()


def test_only_paths_that_are_named_are_kept_each_by_itself(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            for number, (path, kept) in enumerate(
                {"/": True, "/about": True, "/blog/": True, "/blog/a": True, "/about/": False, "/blog": False,
                 "/other": False, "/x/../about": True, "//blog//a": True}.items()
            ):  # fmt: skip
                it.publish(f"{number}")
                assert (await it.see(path))[1] == f"{number}"
                it.publish("newer")
                assert (await it.see(path))[1] == (f"{number}" if kept else "newer"), path

    scenario()


def test_the_application_learns_nothing_of_who_asks_but_address_and_host(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep="no-store")
            for method in ("GET", "POST"):
                await it.viewer.ask(
                    "/?utm=1&q=secret", method=method, data=b"x" if method == "POST" else None,
                    Cookie="sessionid=a; csrftoken=b", Authorization="Bearer t", Accept_Language="de", Referer="https://x",
                    Origin="https://x", X_Viewer_Address="198.51.100.66", Accept_Encoding="zstd, gzip;q=0.5, br;q=0",
                )  # fmt: skip
            for event in it.events:
                assert (event["rawPath"], event["rawQueryString"], event.get("cookies")) == ("/", "", None)
                headers = {name: event["headers"][name] for name in event["headers"] if name != "content-length"}
                assert headers.keys() == {
                    "x-viewer-host", "x-viewer-address", "x-origin-secret", "user-agent", "accept-encoding", "host",
                    "via", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id",
                    "cloudfront-forwarded-proto",
                }  # fmt: skip
                assert (headers["user-agent"], headers["accept-encoding"]) == ("Amazon CloudFront", "gzip")
                assert (headers["x-viewer-address"], headers["x-origin-secret"]) == ("127.0.0.1", "current")

    scenario()


@pytest.mark.parametrize(
    "keep",
    ["", "private, no-store", "no-store", "no-cache", "public, no-cache", "private, s-maxage=600", "max-age=0",
     "public, max-age=600, s-maxage=0", "public"],
)  # fmt: skip
def test_what_does_not_say_for_how_long_is_asked_for_every_time(tmp_path: Path, keep: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            for body in ("one", "two"):
                it.publish(body, keep=keep)
                assert await it.see() == (200, body, "Miss")

    scenario()


def test_what_sets_a_cookie_is_kept_by_nobody_whatever_it_says(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            for body in ("one", "two"):
                it.publish(body, cookies=[f"name={body}", "b=2"])
                response = await it.viewer.ask("/")
                assert (await response.text(), seen(response)) == (body, "Miss")
                assert response.headers.getall("set-cookie") == [f"name={body}", "b=2"]
            it.publish("three")
            assert await it.see() == (200, "three", "Miss")
            assert "set-cookie" not in (await it.viewer.ask("/")).headers

    scenario()


@pytest.mark.parametrize("status", [400, 403, 404, 410, 500, 503])
def test_errors_are_kept_by_nobody_whatever_they_say(tmp_path: Path, status: int) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("gone", status=status)
            assert (await it.see())[0] == status
            it.publish("back")
            assert await it.see() == (200, "back", "Miss")

    scenario()


def test_a_redirect_is_kept_with_where_it_leads(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish(status=302, headers={"location": "/static/icon.svg"})
            for word in ("Miss", "Hit"):
                response = await it.viewer.ask("/about", If_None_Match="*", Range="bytes=0-")
                assert (response.status, response.headers["location"], seen(response)) == (
                    302,
                    "/static/icon.svg",
                    word,
                )

    scenario()


def test_writing_reaches_the_application_and_changes_nothing_of_what_is_kept(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one")
            await it.see()
            it.publish("written", status=405)
            for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
                response = await it.viewer.ask("/", method=method, data=b"x")
                assert (response.status, seen(response)) == (405, "Miss")
            assert await it.see() == (200, "one", "Hit")
            assert [event["requestContext"]["http"]["method"] for event in it.events[1:]] == [
                "POST", "PUT", "DELETE", "PATCH", "OPTIONS"
            ]  # fmt: skip

    scenario()


def test_each_coding_is_kept_by_itself(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("plain", headers={"content-encoding": "identity"})
            assert await it.see(Accept_Encoding="identity") == (200, "plain", "Miss")
            it.publish("for gzip")
            assert await it.see(Accept_Encoding="gzip, deflate") == (200, "for gzip", "Miss")
            assert await it.see(Accept_Encoding="x, GZIP;q=0.1") == (200, "for gzip", "Hit")
            assert await it.see(Accept_Encoding="gzip;q=0") == (200, "plain", "Hit")

    scenario()


def test_validators_and_ranges_are_answered_from_memory(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("0123456789", etag='W/"1"')
            for word in ("Miss", "Hit"):
                known = await it.viewer.ask("/", If_None_Match='W/"1"')
                assert (known.status, await known.read(), known.headers["etag"], seen(known)) == (
                    304,
                    b"",
                    'W/"1"',
                    word,
                )
                assert known.headers["cache-control"] == LASTING
            part = await it.viewer.ask("/", Range="bytes=2-3")
            assert (part.status, await part.read()) == (206, b"23")
            assert len(it.events) == 1
            assert "if-none-match" not in it.events[0]["headers"]

    scenario()


def test_what_is_over_its_time_is_asked_about_by_its_etag(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep=PASSING, etag='"1"')
            await it.see()
            await asyncio.sleep(1.1)
            assert await it.see() == (200, "one", "RefreshHit")
            assert it.events[-1]["headers"]["if-none-match"] == '"1"'
            assert await it.see() == (200, "one", "Hit")
            await asyncio.sleep(1.1)
            it.publish("two", keep=PASSING, etag='"2"')
            assert await it.see() == (200, "two", "Miss")
            assert len(it.events) == 3

    scenario()


def test_what_became_private_is_no_longer_shown(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep=f"{PASSING}, stale-if-error=600")
            await it.see()
            await asyncio.sleep(1.1)
            it.publish("mine", keep="private")
            assert await it.see() == (200, "mine", "Miss")
            it.publish(status=500)
            assert (await it.see())[0] == 500

    scenario()


def test_the_old_one_is_shown_while_the_next_is_fetched_once(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep=f"{PASSING}, stale-while-revalidate=600", etag='"1"')
            await it.see()
            await asyncio.sleep(1.1)
            it.publish("two", sleep=0.5)
            for answer in await asyncio.gather(*(it.see() for _ in range(6))):
                assert answer == (200, "one", "Hit")
            await eventually(lambda: len(it.events) == 2)
            await asyncio.sleep(0.7)
            assert await it.see() == (200, "two", "Hit")
            assert len(it.events) == 2

    scenario()


def test_a_page_that_is_gone_is_shown_once_more_at_most(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep=f"{PASSING}, stale-while-revalidate=600")
            await it.see()
            await asyncio.sleep(1.1)
            it.publish("gone", status=404, keep="no-store")
            assert await it.see() == (200, "one", "Hit")
            await eventually(lambda: len(it.events) == 2)
            await asyncio.sleep(0.2)
            assert await it.see() == (404, "gone", "Miss")

    scenario()


@pytest.mark.parametrize("error", [{"raise": "down"}, {"status": 500}, {"status": 503}, {"status": 504}])
def test_while_the_application_is_down_the_old_one_is_shown(tmp_path: Path, error: dict[str, Any]) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep=f"{PASSING}, stale-if-error=600")
            await it.see()
            await asyncio.sleep(1.1)
            it.publish("error", **error)
            for _ in range(2):
                assert await it.see() == (200, "one", "Hit")
            assert len(it.events) == 3
            it.publish("two")
            assert await it.see() == (200, "two", "Miss")

    scenario()


@pytest.mark.parametrize("keep", [f"{PASSING}, stale-if-error=0", f"{PASSING}, must-revalidate, stale-if-error=600"])
def test_errors_are_shown_where_the_old_one_may_not_be(tmp_path: Path, keep: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish("one", keep=keep)
            await it.see()
            await asyncio.sleep(1.1)
            it.publish("down", status=503)
            status, text, _ = await it.see()
            assert (status, "Please try again in a minute" in text) == (503, True)

    scenario()


def test_a_shut_site_shows_its_page_whatever_is_kept(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        async with site(tmp_path, maintenance=Maintenance(on=True, bypass="let-me-in")) as it:
            it.publish("one")
            for _ in range(2):
                assert (await it.see(Cookie="maintenance-pass=let-me-in"))[:2] == (200, "one")
                shut = await it.viewer.ask("/")
                assert (shut.status, "Back soon" in await shut.text()) == (503, True)
            assert len(it.events) == 1

    scenario()


def test_compressed_pages_arrive_as_they_were_made(tmp_path: Path) -> None:
    body = base64.b64encode(gzip.compress(b"hello" * 100)).decode()

    @in_loop
    async def scenario() -> None:
        async with site(tmp_path) as it:
            it.publish(body, headers={"content-encoding": "gzip"}, base64=True)
            for word in ("Miss", "Hit"):
                assert await it.see(Accept_Encoding="gzip") == (200, "hello" * 100, word)

    scenario()
