import base64
import hashlib
import re

import pytest

from serverless.db import RETRY_AFTER_S
from serverless.emulator import pages
from serverless.emulator.messages import Response

EVERY = [403, 404, 413, 429, 431, 502, 503, 504]


def text(status: int) -> str:
    body = pages.page(status).text
    assert body is not None
    return body


@pytest.mark.parametrize("status", EVERY)
def test_a_page_keeps_its_status_and_is_stored_nowhere(status: int) -> None:
    page = pages.page(status)
    assert (page.status, page.content_type, page.headers["cache-control"]) == (status, "text/html", "no-store")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert f"<p>{status}</p>" in text(status)


@pytest.mark.parametrize("status", EVERY)
def test_a_page_needs_nothing_but_itself_and_its_policy_says_so(status: int) -> None:
    body, policy = text(status), pages.page(status).headers["content-security-policy"]
    assert not re.search(r"https?:|src=|<script|@import|url\(| style=|<link|<form", body)
    (style,) = re.findall(r"<style>(.*?)</style>", body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "frame-ancestors 'none'" in policy


def test_only_what_may_pass_by_itself_offers_another_try() -> None:
    offered = {status for status in EVERY if '<a href="">' in text(status)}
    assert offered == {429, 502, 503, 504}


def test_who_may_come_again_is_told_when_and_to_look_first() -> None:
    """It stands in the place of an application's own 503, which says the same."""
    told = {status: pages.page(status).headers.get("retry-after") for status in EVERY}
    assert told == dict.fromkeys(EVERY, None) | dict.fromkeys((502, 503, 504), str(RETRY_AFTER_S))
    assert {status for status in EVERY if "look first whether it has arrived" in text(status)} == {502, 503, 504}
    assert pages.maintenance().headers["retry-after"] == "300"


@pytest.mark.parametrize(
    ("status", "by_gateway", "page"),
    [
        (200, False, None),
        (404, False, None),
        (413, True, None),
        (429, True, None),
        (431, True, None),
        (500, False, None),
        (500, True, 503),
        (502, False, 502),
        (502, True, 502),
        (503, False, 503),
        (504, True, 504),
    ],
)
def test_which_responses_are_replaced(status: int, by_gateway: bool, page: int | None) -> None:
    instead = pages.instead_of(Response(status=status, headers=(), body=b"", by_gateway=by_gateway))
    assert (instead and instead.status) == page


def test_a_refusal_is_a_page_too() -> None:
    assert (pages.refusal().status, "No access" in (pages.refusal().text or "")) == (403, True)
