"""The README's pictures: the demo gallery as its client and its studio see it, taken anew with each run.

`make pictures` copies them into docs/pictures.
"""

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.demo.photos import PHOTOS
from tests.e2e.cloud import ROOT, Cloud, start
from tests.e2e.test_demo import SAID, wait_for
from tests.samples.photos import Samples

pytestmark = [pytest.mark.browser, pytest.mark.samples, pytest.mark.xdist_group("e2e")]

PICTURES = ROOT / "build" / "pictures"
PAGES = ("client", "viewer", "studio")
VARIANTS = [(width, height, theme) for width, height in ((1440, 900), (390, 780)) for theme in ("light", "dark")]


@pytest.fixture
def delivered(samples: Samples, state_dir: Path, tmp_path: Path) -> Iterator[tuple[Cloud, str]]:
    """A cloud with the demo's own photographs, and the client's address of them."""
    for photo in PHOTOS:
        original = samples.root / photo.package.name / "usr/share/backgrounds" / photo.file
        shutil.copy(original, tmp_path / photo.filename)
    cloud = start(state_dir, demo_photos=tmp_path)
    try:
        yield cloud, wait_for(cloud, SAID, seconds=180)
    finally:
        cloud.stop()


def take(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, height, theme in VARIANTS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of two literals
        page.wait_for_load_state("networkidle")
        picture = Image.open(BytesIO(page.screenshot()))
        picture.convert("RGB").save(PICTURES / f"{name}-{width}-{theme}.webp", quality=82, method=6)


def test_the_demo_gallery_is_worth_a_picture(chromium: Browser, delivered: tuple[Cloud, str]) -> None:
    cloud, address = delivered
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    expect(page.locator(".grid .tile")).to_have_count(len(PHOTOS))
    take(page, "client")
    page.locator(".grid .tile a").nth(3).click()
    expect(page.locator("dialog [data-place]")).to_have_text(f"4 / {len(PHOTOS)}")
    take(page, "viewer")
    page.goto(f"{cloud.url}/sign-in/")
    email, password = cloud.credentials
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="A slow summer").click()
    expect(page.locator("[data-grid] .tile")).to_have_count(len(PHOTOS))
    take(page, "studio")
    page.close()
    assert len(list(PICTURES.glob("*.webp"))) == len(PAGES) * len(VARIANTS)


def test_the_readme_shows_pictures_that_are_taken_here() -> None:
    taken = {f"docs/pictures/{name}-{width}-{theme}.webp" for name in PAGES for width, _, theme in VARIANTS}
    shown = set(re.findall(r"docs/pictures/[\w.-]+", (ROOT / "README.md").read_text()))
    assert shown <= taken
    assert {width for width, _, _ in VARIANTS} == {int(name.split("-")[1]) for name in shown}
    assert all((ROOT / name).is_file() for name in taken)
