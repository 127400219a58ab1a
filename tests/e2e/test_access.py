"""From a locked link in a mail to the photographs, and out again when it is revoked."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import axe
from tests.e2e.cloud import Cloud
from tests.e2e.test_gallery import THEMES, WIDTHS, every_image_loads, new_gallery, shoot, studio, watch
from tests.samples.photos import Samples

__all__ = ["studio"]

pytestmark = [pytest.mark.browser, pytest.mark.samples, pytest.mark.xdist_group("e2e")]


def lock_link(page: Page, *, label: str, send_to: str = "") -> tuple[str, str]:
    """Make a link with a PIN. Returns its address and the PIN."""
    page.get_by_role("link", name="Share").click()
    page.get_by_label("Label").fill(label)
    page.get_by_role("radio", name="PIN").check()
    page.get_by_label("E-mail it to").fill(send_to)
    page.get_by_label("Your words in the mail").fill("Dear Anna,\nthank you for this day!")
    page.get_by_role("button", name="Make a link").click()
    return page.locator("[data-secret]").input_value(), page.locator(".secret__key b").inner_text()


def upload(page: Page, files: list[Path]) -> None:
    page.locator("[data-chooser]").set_input_files(files)
    expect(page.locator("[data-grid] > li")).to_have_count(len(files), timeout=120_000)


def address_in_mail(page: Page, cloud: Cloud, *, to: str) -> tuple[str, str]:
    """Wait for the mail, and return where its button leads and all of its words."""
    caught = page.get_by_role("link", name=to)
    page.goto(f"{cloud.url}/_local/mail/")
    for _ in range(40):
        if caught.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    caught.first.click()
    mail = page.frame_locator("iframe")
    href = mail.get_by_role("link", name="See the photographs").get_attribute("href")
    assert href
    shoot(page, "mail-locked")
    return href, mail.locator("body").inner_text()


def give(page: Page, pin: str) -> None:
    page.get_by_label("PIN").fill(pin)
    page.get_by_role("button", name="Open").click()


def test_a_locked_delivery(studio: Page, chromium: Browser, cloud: Cloud, samples: Samples) -> None:
    new_gallery(studio, "Behind a door")
    upload(studio, samples.photo_set(2))
    every_image_loads(studio)
    address, pin = lock_link(studio, label="Anna", send_to="anna@example.test")
    shoot(studio, "links-new")

    visitor = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = visitor.new_page()
    mailed, words = address_in_mail(page, cloud, to="anna@example.test")
    complaints = watch(page)  # from here on: a mail's frame is sandboxed, and may say so of the test's own script
    assert mailed == address
    assert "thank you for this day!" in words
    assert pin not in words

    page.clock.install()
    page.goto(address)
    expect(page.get_by_role("heading", name="Your PIN, please.")).to_be_visible()
    assert "Behind a door" not in page.content()
    shoot(page, "door-locked")
    give(page, "1111")
    expect(page.get_by_role("alert")).to_contain_text("4 more tries")
    shoot(page, "door-wrong")
    give(page, pin)
    expect(page.get_by_role("heading", name="Behind a door")).to_be_visible()
    every_image_loads(page)
    page.locator(".grid .tile a").first.click()
    every_image_loads(page)
    page.goto(address)
    # Chromium reports the two answers of the door, 403 and 422, and nothing else.
    assert [re.sub(r".*status of (\d+).*", r"\1", said) for said in complaints] == ["403", "422"]

    image = page.locator(".grid img").first.evaluate("image => image.currentSrc")
    assert page.request.get(image).status == 200
    stranger = chromium.new_context()
    assert stranger.request.get(image).status == 403
    stranger.close()

    # The photographer looks too, with both rights in one jar.
    own = studio.context.new_page()
    own.goto(address)
    give(own, pin)
    every_image_loads(own)
    own.close()
    studio.goto(f"{cloud.url}/studio/")
    every_image_loads(studio)

    studio.get_by_role("link", name="Behind a door").click()
    studio.get_by_role("link", name="Share").click()
    studio.get_by_role("button", name="Revoke").click()
    expect(studio.get_by_text("Revoked on")).to_be_visible()
    page.clock.fast_forward("11:00")
    expect(page.get_by_text("This gallery has just been closed.")).to_be_visible()
    shoot(page, "closed-while-looking")
    response = page.reload()
    assert response is not None
    assert response.status == 410
    visitor.close()


def test_the_right_to_see_files_is_renewed_while_somebody_looks(
    studio: Page, chromium: Browser, samples: Samples
) -> None:
    new_gallery(studio, "Long look")
    upload(studio, samples.photo_set(1))
    studio.get_by_role("link", name="Share").click()
    studio.get_by_label("Label").fill("Plain")
    studio.get_by_role("button", name="Make a link").click()
    address = studio.locator("[data-secret]").input_value()
    context = chromium.new_context()
    page = context.new_page()
    page.clock.install()
    page.goto(address)

    def signature() -> str:
        return next(c["value"] for c in context.cookies() if c["name"] == "CloudFront-Signature")

    first = signature()
    context.clear_cookies(name="files")  # what 15 minutes do
    with page.expect_response(re.compile("/renew/$")) as answer:
        page.clock.fast_forward("11:00")
    assert answer.value.status == 204
    assert signature() != first
    context.close()


def test_the_door_needs_no_javascript_and_closes_after_five(studio: Page, chromium: Browser) -> None:
    new_gallery(studio, "Without script, locked")
    address, pin = lock_link(studio, label="Plain")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    for _ in range(2):
        give(page, "1111")
    give(page, pin)
    expect(page.get_by_role("heading", name="The photographs are on their way.")).to_be_visible()
    context.clear_cookies()
    page.goto(address)
    for _ in range(5):
        give(page, "1111")
    expect(page.get_by_role("heading", name="That was too many tries.")).to_be_visible()
    studio.reload()
    studio.goto(studio.url)
    expect(studio.get_by_text("5 wrong tries")).to_be_visible()
    context.close()


def test_pages_at_the_door_are_accessible_and_fit(studio: Page, chromium: Browser, cloud: Cloud) -> None:
    new_gallery(studio, "Doors")
    locked, _ = lock_link(studio, label="A very long label of a link for the whole family and all of their friends")
    studio.goto(f"{cloud.url}/studio/")
    studio.get_by_role("link", name="Doors").click()
    closed, _ = lock_link(studio, label="Closed")
    signed_in = studio.context.storage_state()
    studio.goto(studio.url)
    studio.get_by_role("button", name="Revoke Closed").click()
    links = studio.url
    studio.get_by_role("link", name="Change lock of A very").click()
    lock = studio.url
    found = []
    for theme in THEMES:
        for width in WIDTHS:
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
                bypass_csp=True,
                storage_state=signed_in,
            )
            page = context.new_page()
            for address in (locked, closed, f"{cloud.url}/s/nope/", links, lock):
                page.goto(address)
                found += fits(page)
            page.goto(links)
            page.get_by_label("Label").fill("x")
            page.get_by_role("radio", name="Password").check()
            page.get_by_label("PIN or password").fill("seventeen swans and a goose")
            page.get_by_role("button", name="Make a link").click()
            found += fits(page)
            context.close()
    assert found == []
    out = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = out.new_page()
    page.goto(locked)
    for _ in range(5):
        give(page, "1111")
    expect(page.get_by_role("heading", name="That was too many tries.")).to_be_visible()
    shoot(page, "door-locked-out")
    page.goto(f"{cloud.url}/s/nope/")
    shoot(page, "link-unknown")
    out.close()
    studio.goto(lock)
    shoot(studio, "link-lock")
    studio.goto(links)
    shoot(studio, "links")


def fits(page: Page) -> list[str]:
    wide = [] if page.evaluate("document.documentElement.scrollWidth <= innerWidth") else [f"{page.url}: too wide"]
    return wide + axe.complaints(page)
