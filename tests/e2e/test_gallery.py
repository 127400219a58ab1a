"""From a folder of real photographs to a gallery in a client's browser."""

import io
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import exifread
import pi_heif
import pytest
from PIL import ExifTags, Image, ImageChops, ImageOps, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.e2e.cloud import ROOT, Cloud
from tests.samples.photos import Samples

pytestmark = [pytest.mark.browser, pytest.mark.samples, pytest.mark.xdist_group("e2e")]

SCREENSHOTS = ROOT / "build" / "screenshots"
WIDTHS = (390, 1440)
THEMES = ("light", "dark")
# Renditions of other sizes and formats, in sRGB where the original may be wider, stay this close to it.
LIKENESS = 15
POSITION_TAGS = (b"GPSLatitude", b"exif:GPS", b"GPS ")


def pictures(samples: Samples, folder: Path) -> list[Path]:
    """Return 14 real photographs: JPEGs of 12-24 MP, a PNG, a HEIC, two rotated ones, six with GPS."""
    sideways = folder / "sideways.jpg"
    with Image.open(samples.jpegs_12mp[0]) as image:
        exif = image.getexif()
        exif[ExifTags.Base.Orientation] = 6
        image.save(sideways, exif=exif, quality=95)
    return [*samples.photo_set(13), sideways]


def bomb(folder: Path) -> Path:
    """Return a PNG of a few kB that unpacks to 400 megapixels."""
    path = folder / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    return path


@pytest.fixture
def studio(chromium: Browser, cloud: Cloud) -> Iterator[Page]:
    """A photographer who has signed in. Fails on anything the browser complains about."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints = watch(page)
    page.goto(f"{cloud.url}/")
    page.goto(f"{cloud.url}/sign-in/")
    email, password = cloud.credentials
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Galleries")).to_be_visible()
    yield page
    context.close()
    assert complaints == []


def watch(page: Page) -> list[str]:
    """Collect what the browser complains about: script errors, refused resources, broken policies."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    return complaints


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.wait_for_load_state("networkidle")
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{theme}.png", full_page=name != "photo")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def new_gallery(page: Page, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="New gallery").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def make_link(page: Page, label: str) -> str:
    page.get_by_role("link", name="Share").click()
    page.get_by_label("Label").fill(label)
    page.get_by_role("button", name="Make a link").click()
    return page.locator("[data-secret]").input_value()


def test_a_delivery(studio: Page, chromium: Browser, cloud: Cloud, samples: Samples, tmp_path: Path) -> None:
    files = pictures(samples, tmp_path)
    assert len(files) >= 12
    new_gallery(studio, "Anna and Ben")
    shoot(studio, "gallery-empty")
    studio.locator("[data-chooser]").set_input_files(files)
    tiles = studio.locator("[data-grid] > li")
    expect(tiles).to_have_count(len(files), timeout=240_000)
    expect(studio.locator("[data-problems]")).to_be_hidden()
    every_image_loads(studio)
    shoot(studio, "gallery-studio")

    address = make_link(studio, "For Anna")
    visitor = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = visitor.new_page()
    complaints = watch(page)
    page.goto(address)
    expect(page.get_by_role("heading", name="Anna and Ben")).to_be_visible()
    expect(page.locator(".grid .tile")).to_have_count(len(files))
    every_image_loads(page)
    shoot(page, "gallery-client")
    served_files_are_upright_and_say_nothing(page, cloud, files)

    page.locator(".grid .tile a").first.click()
    expect(page.locator("dialog [data-place]")).to_have_text(f"1 / {len(files)}")
    page.goto(page.url)  # the address of an open photo is that of its own page
    expect(page.locator(".stage img")).to_be_visible()
    shoot(page, "photo")
    first = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(first)
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(re.escape(address)))
    assert complaints == []
    visitor.close()

    studio.goto(f"{cloud.url}/studio/")
    shoot(studio, "dashboard")


def test_looking_needs_no_javascript(studio: Page, chromium: Browser, samples: Samples, tmp_path: Path) -> None:
    new_gallery(studio, "Without script")
    studio.locator("[data-chooser]").set_input_files(pictures(samples, tmp_path)[:2])
    expect(studio.locator("[data-grid] > li")).to_have_count(2, timeout=60_000)
    address = make_link(studio, "Plain")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".grid .tile img")).to_have_count(2)
    page.locator(".grid .tile a").first.click()
    expect(page.locator(".stage img")).to_be_visible()
    context.close()


def test_a_broken_file_fails_alone_and_says_why(studio: Page, samples: Samples, tmp_path: Path) -> None:
    good = pictures(samples, tmp_path)[0]
    cut = tmp_path / "cut off.jpg"
    cut.write_bytes(good.read_bytes()[:200_000])
    text = tmp_path / "invoice.jpg"
    text.write_bytes(b"<!doctype html><script>alert(1)</script>" * 50)
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(b"")
    new_gallery(studio, "Mixed")
    studio.locator("[data-chooser]").set_input_files([cut, good, text, bomb(tmp_path), empty])
    expect(studio.locator("[data-grid] > li")).to_have_count(1, timeout=60_000)
    problems = studio.locator("[data-problems] li")
    expect(problems).to_have_count(3, timeout=60_000)
    said = problems.all_inner_texts()
    assert [name for name in ("cut off.jpg", "invoice.jpg", "bomb.png") if any(name in line for line in said)] == [
        "cut off.jpg", "invoice.jpg", "bomb.png",
    ]  # fmt: skip
    expect(studio.locator("[data-files] .file--bad")).to_contain_text("empty.jpg")
    shoot(studio, "gallery-problems")


def test_a_revoked_link_is_a_friendly_page(studio: Page, chromium: Browser) -> None:
    new_gallery(studio, "Revoked")
    address = make_link(studio, "Soon closed")
    studio.get_by_role("button", name="Revoke").click()
    context = chromium.new_context()
    page = context.new_page()
    response = page.goto(address)
    assert response is not None
    assert response.status == 410
    expect(page.get_by_role("heading")).to_be_visible()
    shoot(page, "link-closed")
    context.close()


def test_the_admin_is_served_with_its_own_styles(studio: Page, cloud: Cloud) -> None:
    response = studio.goto(f"{cloud.url}/admin/")
    assert response is not None
    assert response.status == 200
    sheets = studio.locator('link[rel="stylesheet"]').evaluate_all("links => links.map(link => link.href)")
    assert sheets
    for sheet in sheets:
        with urllib.request.urlopen(sheet, timeout=10) as answer:
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert "text/css" in answer.headers["content-type"]


def every_image_loads(page: Page) -> None:
    page.evaluate("""async () => {
        for (const image of document.querySelectorAll("img")) { image.loading = "eager"; await image.decode(); }
    }""")
    broken = page.evaluate("() => [...document.images].filter(image => !image.naturalWidth).map(image => image.src)")
    assert broken == []


def served_files_are_upright_and_say_nothing(page: Page, cloud: Cloud, files: list[Path]) -> None:
    """Read every rendition of every photo, as saving it would: what it shows and says of where it was taken."""
    pages = page.locator(".grid .tile a").evaluate_all("links => links.map(link => link.href)")
    tiles = [re.findall(r"(/media/[^ ,\"]+)", fetch(page, address).decode()) for address in pages]
    for sources, file in zip(tiles, files, strict=True):
        assert len(set(sources)) == 9  # three sizes, three formats
        original = upright(file)
        for source in set(sources):
            data = fetch(page, urljoin(cloud.url, source))
            with Image.open(io.BytesIO(data)) as image:
                assert abs(image.width / image.height - original.width / original.height) < 0.02, source
                assert difference(image, original) < LIKENESS, source
                assert not image.getexif()
            assert not any(tag in data for tag in POSITION_TAGS), source
            assert not [tag for tag in exifread.process_file(io.BytesIO(data), details=False) if tag.startswith("GPS")]


def fetch(page: Page, url: str) -> bytes:
    """Fetch a file with the cookies that the page was lent."""
    answer = page.request.get(url)
    assert answer.status == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.body()


def upright(file: Path) -> Image.Image:
    """Return the photograph as a person sees it, small."""
    pi_heif.register_heif_opener()
    with Image.open(file) as image:
        image.draft("RGB", (1600, 1600))
        return ImageOps.exif_transpose(image).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return how far two pictures are apart, 0 to 255: one on its head is more than 30 away from itself."""
    small = [image.convert("RGB").resize((24, 24)) for image in (one, other)]
    return float(sum(ImageStat.Stat(ImageChops.difference(*small)).mean) / 3)
