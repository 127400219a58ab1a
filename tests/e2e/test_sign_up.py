"""From the landing page to an own studio, by way of the mailbox."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import axe
from tests.e2e.cloud import Cloud
from tests.e2e.test_gallery import shoot, watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

PAGES = (
    "/sign-in/", "/sign-up/", "/sign-up/sent/", "/confirm/again/", "/confirm/done/", "/password/forgotten/",
    "/password/forgotten/sent/", "/password/new/x/y/", "/confirm/01890000-0000-7000-8000-000000000000/x/",
    "/_local/mail/",
)  # fmt: skip


def test_a_new_studio(chromium: Browser, cloud: Cloud) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints = watch(page)
    page.goto(f"{cloud.url}/")
    page.get_by_role("link", name="Open your studio").click()
    page.get_by_label("Studio name").fill("Ada & Söhne")
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_label("Password").fill("long-enough-7319")
    shoot(page, "sign-up")
    page.get_by_role("button", name="Open the studio").click()
    expect(page.get_by_role("heading", name="Look in your mailbox.")).to_be_visible()

    caught = page.get_by_role("link", name="ada@example.test")
    page.goto(f"{cloud.url}/_local/mail/")
    for _ in range(20):
        if caught.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    caught.click()
    button = page.frame_locator("iframe").get_by_role("link", name="Confirm the address")
    expect(button).to_be_visible()
    shoot(page, "mail")
    with context.expect_page() as opened:
        button.click()
    page = opened.value
    complaints_there = watch(page)
    page.get_by_role("button", name="Confirm the address").click()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_label("Password").fill("long-enough-7319")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Galleries")).to_be_visible()
    assert complaints + complaints_there == []
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_are_accessible_and_fit(
    chromium: Browser, cloud: Cloud, theme: Literal["light", "dark"], width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(cloud.url + path)
        found += axe.complaints(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
    assert found == []
