"""The studio's pages under rough handling: folders dropped, signed out in mid-upload, long names, accessibility."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import axe
from tests.e2e.cloud import Cloud

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

LONG = "The wedding of Anna Wolfeschlegelsteinhausenbergerdorffwelche & <b>Ben</b>"


@contextmanager
def signed_in(chromium: Browser, cloud: Cloud, *, bypass_csp: bool = False) -> Iterator[BrowserContext]:
    """A context with the demo user's session and one page, the dashboard."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=bypass_csp)
    page = context.new_page()
    sign_in(page, cloud)
    yield context
    context.close()


def sign_in(page: Page, cloud: Cloud) -> None:
    page.goto(f"{cloud.url}/sign-in/")
    email, password = cloud.credentials
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{cloud.url}/studio/")


def new_gallery(page: Page, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="New gallery").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def photographs(folder: Path, *, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / f"{folder.name}-{number}.jpg" for number in range(count)]
    for number, path in enumerate(made):
        Image.effect_noise((300 + 50 * number, 200), len(folder.parts) * 10 + number).convert("RGB").save(path)
    return made


def drop(page: Page, *paths: Path) -> None:
    """Drop files and folders as the operating system does, once the page listens."""
    page.wait_for_load_state()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 400, "data": data})


def test_a_folder_gives_the_photos_in_it_and_below(chromium: Browser, cloud: Cloud, tmp_path: Path) -> None:
    top = tmp_path / "Delivery"
    photographs(top, count=2)
    photographs(top / "Party" / "Late", count=1)
    (top / ".DS_Store").write_bytes(b"\0")
    (top / "Party" / "notes.txt").write_text("Nobody meant to send this.")
    (alone,) = photographs(tmp_path / "alone", count=1)
    with signed_in(chromium, cloud) as context:
        (page,) = context.pages
        new_gallery(page, "Folder")
        drop(page, top, alone)
        expect(page.locator("[data-grid] > li")).to_have_count(4, timeout=60_000)
        expect(page.locator("[data-sending-text]")).to_have_text("Sent 4 / 4")
        expect(page.locator("[data-files] li")).to_have_count(0)


def test_signed_out_in_another_tab_says_so_and_mends(chromium: Browser, cloud: Cloud, tmp_path: Path) -> None:
    with signed_in(chromium, cloud) as context:
        (page,) = context.pages
        new_gallery(page, "Two tabs")
        other = context.new_page()
        other.goto(f"{cloud.url}/studio/")
        other.get_by_role("button", name="Sign out").click()
        other.wait_for_url(f"{cloud.url}/")
        page.locator("[data-chooser]").set_input_files(photographs(tmp_path / "tabs", count=1))
        expect(page.locator("[data-notice]")).to_contain_text("You are signed out.")
        expect(page.locator("[data-sending-text]")).to_have_text("Uploading 0 / 1")
        sign_in(other, cloud)
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("[data-grid] > li")).to_have_count(1, timeout=60_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(chromium: Browser, cloud: Cloud, tmp_path: Path, theme: str) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        found.extend(axe.complaints(page))
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        found.extend([f"{page.url}: {wide} px wide"] * (wide > 390))
        page.set_viewport_size({"width": 1440, "height": 900})

    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"<svg/>")
    with signed_in(chromium, cloud, bypass_csp=True) as context:
        (page,) = context.pages
        new_gallery(page, LONG)
        look(page)
        page.locator("[data-chooser]").set_input_files([*photographs(tmp_path / "few", count=3), bad])
        expect(page.locator("[data-grid] > li")).to_have_count(3, timeout=60_000)
        expect(page.locator("[data-problems] li")).to_have_count(1, timeout=60_000)
        look(page)
        page.get_by_role("link", name="Share").click()
        page.get_by_label("Label").fill(LONG)
        page.get_by_role("button", name="Make a link").click()
        look(page)
        address = page.locator("[data-secret]").input_value()
        for path in ("/studio/", "/", "/nothing/", "/s/nothing/", address):
            page.goto(path if path == address else cloud.url + path)
            look(page)
        tile = page.locator(".grid .tile a").first  # a click opens the viewer, which has tests of its own
        page.goto(urljoin(page.url, tile.get_attribute("href") or ""))
        expect(page.locator(".stage img")).to_be_visible()
        look(page)
        context.clear_cookies()
        page.goto(f"{cloud.url}/sign-in/")
        look(page)
    assert found == []
