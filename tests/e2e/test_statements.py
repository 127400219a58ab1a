"""Staff look at what costs the database most: nothing is cut off, every contrast is enough, and the policy holds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.cloud import Cloud
from tests.e2e.test_gallery import watch
from tests.e2e.test_operations import check, look
from tests.e2e.test_studio import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

PATH = "/admin/statements/statement/"


@pytest.fixture
def page(chromium: Browser, cloud: Cloud) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    complaints = watch(opened)
    sign_in(opened, cloud)
    yield opened
    context.close()
    assert complaints == []


def test_page_is_whole_and_legible(page: Page, cloud: Cloud) -> None:
    for address in ("/studio/", "/admin/galleries/photo/", "/admin/tasks/taskrow/dashboard/", PATH):
        page.goto(cloud.url + address)
    expect(page.get_by_text("SELECT").first).to_be_visible()
    look(page, "statements")
    assert check(page, "statements") == []


def test_counts_are_forgotten_when_that_is_asked_for_twice(page: Page, cloud: Cloud) -> None:
    page.goto(cloud.url + PATH)
    page.get_by_role("link", name="Calls").click()
    assert "order=calls" in page.url
    page.get_by_text("Reset …").click()
    page.get_by_role("button", name="Count anew").click()
    expect(page.get_by_text("counted anew from now on")).to_be_visible()
    assert page.locator(".statements > li").count() < 50
