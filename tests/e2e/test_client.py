"""What a client does with a gallery: looks, swipes, zooms, goes back, and watches photos appear."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize, expect

from tests.e2e import axe
from tests.e2e.cloud import ROOT, Cloud
from tests.e2e.shell import run
from tests.e2e.studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

SCREENSHOTS = ROOT / "build" / "screenshots"
PHOTOS = 18
SECTIONS = ("The morning", "Ceremony")
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SHAPES = ((2700, 1800), (1800, 2700), (2700, 1520), (2000, 2000))
# Every shift counts here, those that follow a click as well.
WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => { for (const shift of list.getEntries()) window.shifts.push(
        [shift.value, shift.sources.map((source) => [
            source.node?.className || source.node?.nodeName, source.previousRect, source.currentRect])]); },
    ).observe({ type: "layout-shift", buffered: true });
"""


def picture(folder: Path, number: int) -> Path:
    """A photo of no thing, of its own shape and colour."""
    path = folder / f"DSC_{number:04d}.jpg"
    size = SHAPES[number % len(SHAPES)]
    colour = Image.new("RGB", size, ((number * 67) % 200 + 30, (number * 41) % 180 + 30, (number * 97) % 190 + 30))
    light = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[0x0110] = "M11"
    Image.blend(colour, light, 0.35).save(path, quality=80, exif=exif)
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A gallery with a link: its page in the studio, and the client's address."""

    path: str
    address: str

    @property
    def pk(self) -> str:
        return self.path.strip("/").split("/")[-1]


@pytest.fixture(scope="module")
def studio(cloud: Cloud) -> Studio:
    return Studio(cloud)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="module")
def shared(cloud: Cloud, studio: Studio, folder: Path) -> Shared:
    """A gallery of 18 photos: six without a section, and two sections of six."""
    path = studio.new_gallery("Anna and Ben")
    found = Shared(path=path, address=studio.new_link(path, "For Anna"))
    studio.upload(path, [picture(folder, number) for number in range(PHOTOS)])
    studio.settle(path, timeout_s=120)
    run(
        cloud,
        f"""
from app.galleries.models import Gallery, Section
gallery = Gallery.objects.get(pk="{found.pk}")
photos = list(gallery.photos.in_order())
for position, title in enumerate({SECTIONS}, 1):
    slug = title.lower().replace(" ", "-")
    section = Section.objects.create(
        studio=gallery.studio, gallery=gallery, title=title, slug=slug, position=position)
    members = [photo.pk for photo in photos[position * 6:position * 6 + 6]]
    gallery.photos.filter(pk__in=members).update(section=section, section_position=position)
Gallery.objects.filter(pk=gallery.pk).update(version=2, event_date="2026-06-20")
""",
    )
    return found


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """Open an address in a browser of its own. Fails on anything that the browser complains about."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    tolerated: set[str] = set()

    def visit(address: str, *, expected: str = "nothing", **options: Any) -> Page:
        context = chromium.new_context(**({"viewport": DESK} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        tolerated.add(expected)
        page.add_init_script(WATCH_SHIFTS)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [said for said in complaints if not any(text in said for text in tolerated)] == []


def look_at(page: Page, number: int) -> None:
    page.locator(".sheet .tile a").nth(number - 1).click()
    at(page, number)
    until(page, "document.querySelector('.pswp__img:not(.pswp__img--placeholder)')?.naturalWidth")
    page.wait_for_timeout(500)  # the opening


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own way of it needs eval, which the page's policy forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Not within 10 s: {condition}")


def at(page: Page, number: int, total: int = PHOTOS) -> None:
    expect(page.locator("[data-place]")).to_have_text(f"{number} / {total}")
    expect(page.locator("[data-said]")).to_have_text(f"Photo {number} of {total}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.tile')?.querySelector('img').alt ?? ''"))


def width(page: Page) -> float:
    """How wide the photo in the middle of the window is shown."""
    return float(
        page.evaluate("""() => Math.max(...Array.from(document.querySelectorAll(".pswp__img"), (img) => {
            const box = img.getBoundingClientRect();
            return box.left < innerWidth / 2 && box.right > innerWidth / 2 ? box.width : 0; }))""")
    )


def shifts(page: Page) -> list[Any]:
    page.wait_for_timeout(300)
    return [shift for shift in page.evaluate("window.shifts") if shift[0] > 0]


def test_viewer_answers_to_keys(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address)
    look_at(page, 3)
    dialog = page.locator("[data-lightbox]")
    third = page.url
    assert re.fullmatch(re.escape(shared.address) + r"[0-9a-f-]{36}/", third)
    expect(page.locator("[data-name]")).to_have_text("DSC_0002.jpg")
    page.keyboard.press("ArrowRight")
    at(page, 4)
    assert page.url != third
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    at(page, 2)

    fit = width(page)
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="Zoom")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(500)
    assert width(page) > fit * 1.3
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="Zoom")).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("i")
    expect(page.locator("[data-facts]")).to_contain_text("M11")
    page.keyboard.press("?")
    expect(page.locator("[data-help]")).to_be_visible()
    expect(page.locator("[data-facts]")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("[data-help]")).to_be_hidden()
    expect(dialog).to_be_visible()

    page.keyboard.press("f")
    until(page, "document.fullscreenElement")
    page.keyboard.press("f")
    until(page, "!document.fullscreenElement")

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(shared.address)
    until(page, "document.activeElement.closest('.tile')")
    assert focused(page) == "Photo 2"


def test_viewer_ends_where_the_gallery_ends(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address)
    look_at(page, PHOTOS)
    after = page.get_by_role("button", name="Next photo")
    expect(after).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowRight")
    at(page, PHOTOS)
    page.get_by_role("button", name="Previous photo").click()
    at(page, PHOTOS - 1)
    expect(after).to_have_attribute("aria-disabled", "false")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_back_closes_and_forward_opens(opened: Opened, shared: Shared, motion: str) -> None:
    page = opened(shared.address, reduced_motion=motion)
    dialog = page.locator("[data-lightbox]")
    look_at(page, 16)
    page.keyboard.press("ArrowRight")
    at(page, 17)
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(shared.address)
    until(page, "document.activeElement.closest('.tile')")
    assert focused(page) == "Photo 17"
    expect(page.locator(".sheet .tile").nth(16)).to_be_in_viewport()
    page.go_forward()
    at(page, 17)
    expect(dialog).to_be_visible()
    address = page.url
    page.reload()
    expect(page.locator(".single .stage img")).to_be_visible()  # the photo's own page: the address can be passed on
    assert page.url == address


def test_back_while_it_still_opens(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address)
    page.locator(".sheet .tile a").first.click()
    expect(page.locator("[data-lightbox]")).to_be_visible()
    page.evaluate("history.back()")
    expect(page.locator("[data-lightbox]")).to_be_hidden()
    expect(page).to_have_url(shared.address)


def test_focus_stays_inside_and_buttons_are_large(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address)
    look_at(page, 5)
    names = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        names.add(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.className"))
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    assert {"Close", "Zoom", "Full screen", "How it was taken", "Next photo"} <= names
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for button in page.locator("dialog button:visible").all():
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, button.get_attribute("aria-label")


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    session.send(
        "Input.dispatchTouchEvent",
        {"type": kind, "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]},
    )


def drag(page: Page, *, start: int, end: int) -> None:
    session = page.context.new_cdp_session(page)
    touch(session, "touchStart", (start, 400))
    for step in range(1, 9):
        touch(session, "touchMove", (start + (end - start) * step / 8, 400))
        page.wait_for_timeout(16)
    touch(session, "touchEnd")
    page.wait_for_timeout(500)


def test_viewer_answers_to_fingers(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=3)
    page.locator(".sheet .tile a").nth(2).tap()
    at(page, 3)
    page.wait_for_timeout(600)
    drag(page, start=320, end=60)
    at(page, 4)
    drag(page, start=60, end=320)
    at(page, 3)

    fit = width(page)
    session = page.context.new_cdp_session(page)
    touch(session, "touchStart", (170, 400), (220, 400))
    for step in range(1, 9):
        touch(session, "touchMove", (170 - 15 * step, 400), (220 + 15 * step, 400))
        page.wait_for_timeout(16)
    touch(session, "touchEnd")
    page.wait_for_timeout(600)
    assert width(page) > fit * 1.5
    drag(page, start=200, end=150)  # moves the photo, not to the next one
    at(page, 3)

    for _ in range(2):
        page.touchscreen.tap(195, 400)
        page.wait_for_timeout(60)
    page.wait_for_timeout(700)
    assert width(page) == pytest.approx(fit, rel=0.02)

    page.touchscreen.tap(195, 400)  # once: only the photo
    expect(page.get_by_role("button", name="Close")).to_be_hidden()
    page.touchscreen.tap(195, 400)
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("[data-lightbox]")).to_be_hidden()


def test_wheel_zooms(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address)
    look_at(page, 1)
    fit = width(page)
    page.mouse.move(700, 450)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(500)
    assert width(page) > fit * 1.2


@pytest.mark.parametrize(
    ("size", "density", "name"), [(PHONE, 2, "medium"), (PHONE, 1, "small"), (DESK, 1, "medium"), (DESK, 2, "large")]
)
def test_rendition_fits_the_screen(opened: Opened, shared: Shared, size: ViewportSize, density: int, name: str) -> None:
    page = opened(shared.address, viewport=size, device_scale_factor=density)
    page.locator(".sheet .tile a").nth(4).click()  # the first is the cover: a browser uses what it has
    chosen = "document.querySelector('.pswp__img:not(.pswp__img--placeholder)')?.currentSrc"
    until(page, f"{chosen}?.endsWith('.avif')")
    assert page.evaluate(chosen).rpartition("/")[2] == f"{name}.avif"


def test_without_javascript_there_is_everything_to_see(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address, java_script_enabled=False)
    assert page.locator(".sheet .tile img").count() == PHOTOS
    page.get_by_role("link", name="Ceremony").click()
    expect(page).to_have_url(f"{shared.address}#section-ceremony")
    page.locator("#section-ceremony .tile a").first.click()
    expect(page.locator(".single__place")).to_have_text(f"13 / {PHOTOS}")
    expect(page.locator(".single__name")).to_have_text("DSC_0012.jpg")
    expect(page.locator(".facts")).to_contain_text("M11")
    page.get_by_role("link", name="Next photo").click()
    expect(page.locator(".single__place")).to_have_text(f"14 / {PHOTOS}")
    page.get_by_role("link", name="Back to the gallery").click()
    expect(page.locator(".sheet .tile").nth(13)).to_be_in_viewport()


def test_tab_of_the_section_that_is_read_is_marked(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address, viewport=PHONE, reduced_motion="reduce")
    for title in reversed(SECTIONS):
        page.evaluate("title => document.querySelector(`section[aria-label='${title}']`).scrollIntoView()", title)
        expect(page.locator("[data-tabs] [aria-current]")).to_have_text(title)
        assert page.locator("[data-tabs]").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 53}


def test_last_row_is_not_stretched_and_phones_have_two_columns(opened: Opened, shared: Shared) -> None:
    page = opened(shared.address)
    rows = page.evaluate("""() => Array.from(document.querySelectorAll(".sheet"), (sheet) => {
        const rows = new Map();
        for (const tile of sheet.querySelectorAll(".tile")) {
            const { top, right, height } = tile.getBoundingClientRect();
            rows.set(Math.round(top), [...(rows.get(Math.round(top)) ?? []), [right, height]]);
        }
        return [...rows.values()]; })""")
    for sheet in rows:
        for row in sheet[:-1]:
            assert row[-1][0] == pytest.approx(1440 - 8, abs=1)  # full rows end where the window does
            assert len({round(height) for _, height in row}) == 1
        assert sheet[-1][0][1] <= 17 * 16 * 1.01
    page.set_viewport_size(PHONE)
    tops = page.locator(".sheet .tile").evaluate_all("tiles => tiles.map(tile => Math.round(tile.offsetTop))")
    assert max(tops.count(top) for top in tops) == 2


def test_nothing_moves_while_it_loads(opened: Opened, shared: Shared) -> None:
    for size in (DESK, PHONE):
        page = opened(shared.address, viewport=size)
        for part in range(8):
            page.evaluate("part => scrollTo(0, document.body.scrollHeight * part / 8)", part)
            page.wait_for_timeout(120)
        assert shifts(page) == []


@pytest.mark.parametrize("begin", ["empty", "top", "end"])
def test_photos_appear_while_somebody_looks(opened: Opened, studio: Studio, folder: Path, begin: str) -> None:
    path = studio.new_gallery(f"Live {begin}")
    address = studio.new_link(path, "Watching")
    first = [] if begin == "empty" else [picture(folder, number) for number in range(8)]
    later = [picture(folder, number) for number in range(8, 13)]
    if first:
        studio.upload(path, first)
        studio.settle(path, timeout_s=60)
    tickets = studio.sign(path, later)  # on their way: the page knows that there is something to wait for
    page = opened(address)
    expect(page.locator("[data-live]")).to_have_text("More are on their way")
    page.evaluate("window.stays = true")
    if begin == "end":
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(500)
    before = page.evaluate("scrollY")
    for ticket, file in zip(tickets, later, strict=True):
        studio.send(ticket, file)
    expect(page.locator(".sheet .tile")).to_have_count(len(first) + 5, timeout=60_000)
    expect(page.locator("[data-live]")).to_be_hidden(timeout=40_000)
    expect(page.locator("[data-ready]")).to_have_text(f"{len(first) + 5} photos")
    assert page.evaluate("window.stays") is True
    assert page.evaluate("scrollY") == before
    assert shifts(page) == []
    alts = page.locator(".sheet .tile img").evaluate_all("all => all.map(img => img.alt)")
    assert alts == [f"Photo {number}" for number in range(1, len(first) + 6)]
    page.locator(".sheet .tile a").last.click()
    at(page, len(first) + 5, len(first) + 5)
    expect(page.locator("[data-name]")).to_have_text("DSC_0012.jpg")


def test_polling_ends_when_the_link_closes(opened: Opened, cloud: Cloud, studio: Studio, folder: Path) -> None:
    path = studio.new_gallery("Closing")
    address = studio.new_link(path, "Soon closed")
    studio.sign(path, [picture(folder, 20)])
    page = opened(address, expected="410 (Gone)")
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "/progress/" in answer.url else None)
    run(
        cloud,
        "from app.sharing.models import ShareLink; from django.utils import timezone; "
        "ShareLink.objects.filter(label='Soon closed').update(revoked_at=timezone.now())",
    )
    expect(page.locator("[data-live]")).to_be_hidden(timeout=20_000)
    assert asked.count(410) == 1


def test_photo_that_was_taken_out_says_so(opened: Opened, cloud: Cloud, studio: Studio, folder: Path) -> None:
    path = studio.new_gallery("Taken out")
    address = studio.new_link(path, "Them")
    studio.upload(path, [picture(folder, number) for number in (30, 31)])
    studio.settle(path, timeout_s=60)
    page = opened(address, viewport=PHONE, expected="404 (Not Found)")
    pk = page.locator(".sheet .tile").last.get_attribute("id")
    assert pk is not None
    page.route(re.compile(pk.removeprefix("photo-")), lambda route: route.fulfill(status=404))
    page.locator(".sheet .tile a").last.click()
    expect(page.locator(".pswp__error-msg")).to_contain_text("It may have been taken out of the gallery.")


def test_page_comes_compressed(cloud: Cloud, shared: Shared) -> None:
    request = urllib.request.Request(shared.address, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert len(answer.read()) < 12_000
    with urllib.request.urlopen(f"{shared.address}details/", timeout=30) as answer:
        assert "Content-Encoding" not in answer.headers
        assert len(json.load(answer)) == PHOTOS


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_everyone_can_use_it(chromium: Browser, shared: Shared, theme: Any, size: ViewportSize) -> None:
    context = chromium.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    page.goto(shared.address)
    page.wait_for_load_state("networkidle")
    name = f"{size['width']}-{theme}"
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"client-{name}.png")
    found = axe.complaints(page)
    look_at(page, 2)
    found += axe.complaints(page)
    page.keyboard.press("i")
    found += axe.complaints(page)
    page.screenshot(path=SCREENSHOTS / f"client-viewer-{name}.png")
    page.keyboard.press("?")
    found += axe.complaints(page)
    context.close()
    assert found == []
