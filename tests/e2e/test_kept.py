"""Pages that the edge keeps, through the door of a running cloud: the application is asked once, and for everyone."""

import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.cloud import Cloud
from tests.e2e.studio import Studio

pytestmark = pytest.mark.xdist_group("e2e")

PAGES: Final = ("/", "/favicon.ico", "/api/v1/openapi.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    status: int
    headers: Message
    body: bytes

    @property
    def cache(self) -> str:
        return str(self.headers["X-Cache"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A browser without a memory of its own. Redirects are answers."""

    cloud: Cloud
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, method: str = "GET", **headers: str) -> Seen:
        class Stay(urllib.request.HTTPErrorProcessor):
            def http_response(self, _: urllib.request.Request, response: object) -> object:
                return response

        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.cloud.url}{path}", headers=sent, method=method)
        with urllib.request.build_opener(Stay).open(request, timeout=30) as answer:
            return Seen(status=answer.status, headers=answer.headers, body=answer.read())


def asked(cloud: Cloud) -> float:
    """How many requests the application has had."""
    text = Asking(cloud=cloud).get("/_local/metrics").body.decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "serverless_functions_latency_seconds_count" and sample.labels["function"] == "web"
    )


@pytest.mark.parametrize("path", PAGES)
def test_the_second_visitor_is_answered_by_the_edge(cloud: Cloud, path: str) -> None:
    visitor = Asking(cloud=cloud)
    first = visitor.get(path)  # or another test's second
    before = asked(cloud)
    again = visitor.get(f"{path}?utm_source=mail")
    assert (again.status, again.body, again.cache) == (first.status, first.body, "Hit from cloudfront")
    assert int(again.headers["Age"]) >= 0
    for name in ("Cache-Control", "Content-Type", "Content-Security-Policy", "ETag", "Location", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "Set-Cookie" not in again.headers
    if first.status == 200:
        assert visitor.get(path, If_None_Match=str(first.headers["ETag"])).status == 304
    assert asked(cloud) == before


def test_whoever_is_signed_in_gets_a_strangers_page_and_leaves_nothing_in_it(cloud: Cloud) -> None:
    studio = Studio(cloud)
    cookies = "; ".join(f"{one.name}={one.value}" for one in studio.cookies)
    assert "sessionid" in cookies
    member, stranger = Asking(cloud=cloud, headers={"Cookie": cookies}), Asking(cloud=cloud)
    for path in PAGES:
        one, other = member.get(path), stranger.get(path)
        assert (one.status, one.body) == (other.status, other.body)
        assert "Set-Cookie" not in one.headers
    assert member.get("/studio/").status == 200  # the cookies are good


def test_nothing_else_is_kept(cloud: Cloud) -> None:
    studio = Studio(cloud)
    link = studio.new_link(studio.new_gallery("Kept by nobody"), "Everyone").removeprefix(cloud.url)
    member = Asking(cloud=cloud, headers={"Cookie": "; ".join(f"{one.name}={one.value}" for one in studio.cookies)})
    stranger = Asking(cloud=cloud)
    for path in ("/studio/", link, "/sign-in/", "/api/v1/", "/nothing/", "/healthz"):
        for visitor in (member, stranger, member):
            answer = visitor.get(path)
            assert "Hit" not in str(answer.headers["X-Cache"]), path
            assert "Age" not in answer.headers
    assert stranger.get("/studio/").status == 302


def test_a_form_for_a_kept_page_is_the_applications_to_refuse(cloud: Cloud) -> None:
    visitor = Asking(cloud=cloud)
    before = visitor.get("/")
    refused = visitor.get("/", method="POST")
    assert refused.status in {403, 405}
    assert b"There is nothing" not in refused.body
    assert visitor.get("/").body == before.body
