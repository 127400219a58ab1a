"""What the photographer hears of a client who opens a gallery."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.e2e import axe
from tests.e2e.cloud import Cloud
from tests.e2e.shell import run
from tests.e2e.test_gallery import make_link, new_gallery, shoot, studio, watch

__all__ = ["studio"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

# A tab that was opened behind others, until `window.show()`.
BEHIND = """
    let seen = "hidden";
    Object.defineProperty(document, "visibilityState", { get: () => seen });
    window.show = () => { seen = "visible"; document.dispatchEvent(new Event("visibilitychange")); };
"""


def beacons(context: BrowserContext) -> list[Request]:
    """Collect what the pages of a browser say."""
    said: list[Request] = []
    context.on("request", lambda request: said.append(request) if request.url.endswith("/opened/") else None)
    return said


def arrived(studio: Page, words: str | re.Pattern[str]) -> None:
    """Wait for a line on the links' page: the message, its batch's window and the worker lie between."""
    for _ in range(40):
        if studio.get_by_text(words).count():
            return
        studio.wait_for_timeout(500)
        studio.reload()
    raise AssertionError(f"Not within 20 s: {words}")


def test_photographer_sees_that_a_client_has_opened(studio: Page, chromium: Browser, cloud: Cloud) -> None:
    new_gallery(studio, "Awaited")
    address = make_link(studio, "Anna")
    studio.goto(studio.url)
    expect(studio.get_by_text("Not opened yet")).to_be_visible()

    first = chromium.new_context()
    said = beacons(first)
    page = first.new_page()
    complaints = watch(page)
    page.add_init_script(BEHIND)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert said == []  # nobody has seen it
    page.evaluate("show()")
    arrived(studio, re.compile("^Opened once, on "))
    for _ in range(2):
        page.reload()
        page.evaluate("show()")
        page.wait_for_load_state("networkidle")
    assert [request.all_headers()["sec-fetch-site"] for request in said] == ["same-origin"]
    assert complaints == []

    second = chromium.new_context()
    second.new_page().goto(address)
    arrived(studio, re.compile("^Opened 2 times, last on "))
    second.close()
    first.close()


def test_links_tell_it_in_both_themes_and_widths(studio: Page, chromium: Browser, cloud: Cloud) -> None:
    new_gallery(studio, "Three links")
    make_link(studio, "Family and friends")
    for label in ("Anna and Ben", "The venue"):
        studio.goto(studio.url)
        make_link(studio, label)
    run(
        cloud,
        """
from django.utils import timezone
from app.sharing.models import AccessEvent, ShareLink
for label, times in (("Anna and Ben", 12), ("Family and friends", 1)):
    link = ShareLink.objects.get(label=label)
    AccessEvent.objects.bulk_create(AccessEvent(
        studio_id=link.studio_id, gallery_id=link.gallery_id, link=link, kind="opened", at=timezone.now(),
    ) for _ in range(times))
ShareLink.objects.filter(label="Family and friends").update(wrong_tries=3)
""",
    )
    studio.goto(studio.url)
    expect(studio.get_by_text("Opened 12 times, last on ")).to_be_visible()
    shoot(studio, "links-opened")
    found = []
    signed_in = studio.context.storage_state()
    for theme in ("light", "dark"):
        context = chromium.new_context(
            viewport={"width": 390, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            bypass_csp=True,
            storage_state=signed_in,
        )
        page = context.new_page()
        page.goto(studio.url)
        found += axe.complaints(page)
        context.close()
    assert found == []
