"""What is asked of a site, tried on one of this machine: good, and bad in each way."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.aws import answers

pytestmark = pytest.mark.usefixtures("local")

GOOD = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "x-amz-cf-id": "abc",
    "x-cache": "Miss from cloudfront",
}

type Reply = tuple[int, Mapping[str, str], str]
type Serve = Callable[[Callable[[str, Mapping[str, str]], Reply]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves what a function of path and headers returns, under the address it returns."""
    running: list[ThreadingHTTPServer] = []

    def start(reply: Callable[[str, Mapping[str, str]], Reply]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = {name.lower(): value for name, value in self.headers.items()}
                status, headers, text = reply(self.path, given)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """pytest's output is for tests."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def _always(status: int, headers: Mapping[str, str], text: str = "") -> Callable[[str, Mapping[str, str]], Reply]:
    return lambda *_: (status, headers, text)


def test_a_site_that_is_as_it_should_be_leaves_nothing_to_say(serve: Serve) -> None:
    said = json.dumps({"release": "r1", "version": "7"})
    site = serve(_always(200, GOOD | {"cache-control": "public, max-age=31536000, immutable"}, said))
    assert list(answers.health(site, release="r1", version="7")) == []
    assert list(answers.pages(site)) == []
    assert list(answers.static(site, "static/a.css")) == []


def test_another_release_or_one_that_was_kept_is_told(serve: Serve) -> None:
    said = json.dumps({"release": "r1", "version": "6"})
    site = serve(_always(200, GOOD | {"x-cache": "Hit from cloudfront"}, said))
    first, kept, *_ = answers.health(site, release="r1", version="7")
    assert "not r1, version 7" in first
    assert "cache" in kept


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"x-cache"}))
def test_each_header_is_missed(serve: Serve, name: str) -> None:
    headers = {key: value for key, value in GOOD.items() if key != name}
    assert len(list(answers.pages(serve(_always(200, headers))))) == 3


def test_pages_that_are_kept_for_everyone_leave_nothing_to_say(serve: Serve) -> None:
    site = serve(_always(200, {"x-cache": "RefreshHit from cloudfront"}, "Loupe"))
    assert list(answers.kept(site, ("/", "/blog/*", "/about"))) == []


def test_a_page_that_is_not_kept_or_somebodys_is_told(serve: Serve) -> None:
    def reply(path: str, given: Mapping[str, str]) -> Reply:
        return 200, {"x-cache": "Miss from cloudfront", "set-cookie": "a=1"}, given.get("cookie", "")

    missed, cookie, other = answers.kept(serve(reply), ("/",))
    assert missed == "/ is asked of the application every time"
    assert cookie == "/ sets a cookie"
    assert other == "/ is not the same for everyone"


def test_a_redirect_is_an_answer(serve: Serve) -> None:
    assert list(answers.redirected(serve(_always(301, {"location": "https://shop.example/"})))) == []
    assert list(answers.redirected(serve(_always(200, {}))))


def test_what_answers_anybody_is_told_by_what_it_is(serve: Serve) -> None:
    shut, ajar = serve(_always(403, {})), serve(_always(200, {}))
    (problem,) = answers.closed({"the API": ajar, "MediaBucket": shut})
    assert problem.startswith("the API answers 200")


def test_a_private_path_has_to_be_refused_by_the_edge_itself(serve: Serve) -> None:
    edge = serve(
        _always(403, {}, "<Error><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>")
    )
    assert list(answers.private(edge, ("media", "originals"))) == []
    bucket = serve(_always(403, {}, "<Error><Code>AccessDenied</Code></Error>"))
    assert len(list(answers.private(bucket, ("media",)))) == 1


def test_a_forged_cookie_that_opens_is_told(serve: Serve) -> None:
    def reply(path: str, given: Mapping[str, str]) -> Reply:
        return (200, {}, "") if "cookie" in given else (403, {}, "Missing Key-Pair-Id")

    (problem,) = answers.private(serve(reply), ("media",))
    assert "forged" in problem


def test_a_static_file_that_is_kept_for_a_day_is_told(serve: Serve) -> None:
    assert list(answers.static(serve(_always(200, {"cache-control": "max-age=86400"})), "static/a.css"))


def test_the_exploit_travels_in_a_header_that_rules_look_at(serve: Serve) -> None:
    def reply(path: str, given: Mapping[str, str]) -> Reply:
        return (403 if "${jndi:" in given.get("user-agent", "") else 200), {}, ""

    assert list(answers.firewall(serve(reply))) == []
    assert list(answers.firewall(serve(_always(200, {}))))
