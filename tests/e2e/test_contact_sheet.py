"""From the click to the PDF: a browser asks for a contact sheet, waits on the page and saves the file."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.e2e import axe
from tests.e2e.cloud import Cloud
from tests.e2e.studio import Studio
from tests.e2e.test_studio import photographs, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def save(page: Page, folder: Path) -> Path:
    """Click the first download and return what the browser saved."""
    with page.expect_download() as waited:
        page.get_by_role("link", name="Download").first.click()
    saved = folder / waited.value.suggested_filename
    waited.value.save_as(saved)
    return saved


def test_from_the_click_to_the_file(chromium: Browser, cloud: Cloud, tmp_path: Path) -> None:
    studio = Studio(cloud)
    gallery = studio.new_gallery("Ärzteball")
    files = photographs(tmp_path / "ball", count=30)
    studio.upload(gallery, files)
    studio.settle(gallery, timeout_s=90)
    with signed_in(chromium, cloud) as context:
        (page,) = context.pages
        page.goto(f"{cloud.url}{gallery}contact-sheets/")
        expect(page.get_by_role("heading", name="No contact sheets yet.")).to_be_visible()
        page.get_by_label("Photos in a row").select_option("5")
        page.get_by_role("button", name="Make a contact sheet").click()
        expect(page.get_by_role("heading", name="A4, 5 columns, with file names")).to_be_visible()
        expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("1 page, 30 photos")).to_be_visible()
        saved = save(page, tmp_path)
    assert saved.name == "ärzteball-contact-sheet.pdf"
    reader = PdfReader(saved, strict=True)
    assert len(reader.pages[0].images) == 30
    text = reader.pages[0].extract_text()
    assert text.startswith("Ärzteball\nAtelier Demo · 30 photos\n")
    assert [name for name in (file.name for file in files) if name not in text] == []


def test_works_without_javascript(chromium: Browser, cloud: Cloud, tmp_path: Path) -> None:
    studio = Studio(cloud)
    gallery = studio.new_gallery("No script")
    studio.upload(gallery, photographs(tmp_path / "plain", count=2))
    studio.settle(gallery, timeout_s=60)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{cloud.url}/sign-in/?next={gallery}contact-sheets/")
    email, password = cloud.credentials
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Make a contact sheet").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=30_000)  # the page refreshes itself
    assert PdfReader(save(page, tmp_path), strict=True).pages[0].images
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(chromium: Browser, cloud: Cloud, tmp_path: Path, theme: str) -> None:
    studio = Studio(cloud)
    gallery = studio.new_gallery(f"The wedding of Anna Wolfeschlegelsteinhausenbergerdorffwelche {theme}")
    studio.upload(gallery, photographs(tmp_path / theme, count=2))
    studio.settle(gallery, timeout_s=60)
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        found.extend(axe.complaints(page))
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            found.extend([f"{name}: {wide} px wide"] * (wide > width))

    with signed_in(chromium, cloud, bypass_csp=True) as context:
        (page,) = context.pages
        page.goto(f"{cloud.url}{gallery}contact-sheets/")
        look(page, "empty")
        page.get_by_role("button", name="Make a contact sheet").click()
        look(page, "asked")
        expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=30_000)
        look(page, "ready")
        empty = studio.new_gallery("Nothing in it")
        page.goto(f"{cloud.url}{empty}contact-sheets/")
        page.get_by_role("button", name="Make a contact sheet").click()
        expect(page.get_by_role("alert")).to_contain_text("No photo of this gallery is ready yet.")
        look(page, "refused")
    assert found == []
