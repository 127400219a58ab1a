"""A photographer puts a gallery in order, with the mouse and with the keyboard, and brings in a colleague."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from PIL import ExifTags, Image, ImageOps
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.e2e import axe
from tests.e2e.cloud import Cloud
from tests.e2e.test_gallery import shoot, watch
from tests.e2e.test_studio import new_gallery, sign_in
from tests.samples.photos import Samples

pytestmark = [pytest.mark.browser, pytest.mark.samples, pytest.mark.xdist_group("e2e")]


@pytest.fixture(scope="module")
def files(samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Real photographs, small enough to be quick. Each was taken an hour before the one in front of it."""
    folder, made = tmp_path_factory.mktemp("photographs"), []
    sources = [source for source in samples.photo_set(11) if source.suffix.lower() in {".jpg", ".jpeg"}]
    for n, source in enumerate(sources[:8]):
        with Image.open(source) as image:
            image.draft("RGB", (1400, 1400))
            small = ImageOps.exif_transpose(image).convert("RGB")
        small.thumbnail((1400, 1400))
        exif = Image.Exif()
        taken = datetime(2026, 6, 20, 20) - timedelta(hours=n)  # noqa: DTZ001  # a camera's clock has no zone
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
        made.append(folder / f"IMG_{n + 1}.jpg")
        small.save(made[-1], exif=exif, quality=88)
    assert len(made) == 8
    return made


@pytest.fixture
def page(chromium: Browser, cloud: Cloud) -> Iterator[Page]:
    """A photographer who has signed in. Fails on anything the browser complains about."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=False)
    opened = context.new_page()
    complaints = watch(opened)
    sign_in(opened, cloud)
    yield opened
    context.close()
    assert complaints == []


def filled(page: Page, title: str, files: list[Path]) -> None:
    new_gallery(page, title)
    page.locator("[data-chooser]").set_input_files(files)
    expect(page.locator(".tile")).to_have_count(len(files), timeout=180_000)
    page.reload()
    expect(page.locator(".tile")).to_have_count(len(files))


def order(page: Page) -> list[str]:
    """The list as it is shown: numbers of photos, titles of sections."""
    script = """nodes => nodes.map(node => node.querySelector("h2")?.textContent.trim() ?? node.title)"""
    shown = page.locator(".tile, .grid__heading").evaluate_all(script)
    return [re.sub(r"IMG_(\d+)\.jpg", r"\1", text) for text in shown]


def kept(page: Page) -> list[str]:
    """The list as it is after all calls have been answered and the page was loaded again."""
    expect(page.locator("[data-grid]")).not_to_have_attribute("aria-busy", "true")
    page.reload()
    return order(page)


def tile(page: Page, number: int) -> Locator:
    return page.locator(f'.tile[title="IMG_{number}.jpg"]')


def drag(page: Page, source: Locator, target: Locator, *, share: float) -> None:
    """Drag as a hand does: press, move in steps, let go at this share of the target's width."""
    page.set_viewport_size({"width": 1440, "height": 1800})  # both in view, far from the edges that scroll
    source.scroll_into_view_if_needed()
    start, goal = source.bounding_box(), target.bounding_box()
    assert start is not None
    assert goal is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(goal["x"] + goal["width"] * share, goal["y"] + goal["height"] / 2, steps=8)
    page.wait_for_timeout(50)
    page.mouse.up()


def test_order_sections_and_cover(page: Page, cloud: Cloud, files: list[Path]) -> None:
    filled(page, "Anna & Ben", files)
    assert order(page) == list("12345678")

    drag(page, tile(page, 6), tile(page, 2), share=0.1)
    assert order(page) == list("16234578")
    expect(page.locator(".tile :checked")).to_have_count(0)  # a drag selects nothing
    assert kept(page) == list("16234578")

    page.get_by_role("button", name="Sort").click()
    assert order(page) == list("87654321")

    page.get_by_label("Title of the new section").fill("Ceremony")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Title of the new section").fill("Party")
    page.get_by_role("button", name="Add").click()
    assert order(page) == ["Without a section", *"87654321", "Ceremony", "Party"]

    tile(page, 8).click()
    tile(page, 6).click(modifiers=["Shift"])
    expect(page.locator("[data-picked-count]")).to_have_text("3")
    shoot(page, "organise-selected")
    drag(page, tile(page, 7), page.locator(".grid__heading").nth(2), share=0.5)
    assert order(page) == ["Without a section", *"54321", "Ceremony", "Party", *"876"]
    expect(page.locator("[data-count]")).to_have_text(["5", "0", "3"])
    assert kept(page) == ["Without a section", *"54321", "Ceremony", "Party", *"876"]

    for number in (1, 2, 3):
        tile(page, number).click()
    page.get_by_label("Section", exact=True).select_option("Ceremony")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("[data-count]")).to_have_text(["2", "3", "3"])
    assert kept(page) == ["Without a section", *"54", "Ceremony", *"321", "Party", *"876"]

    page.get_by_label("Change Party").click()
    page.get_by_role("button", name="Move up").click()
    page.get_by_label("Change Party").click()
    page.locator("details[open]").get_by_label("Title").fill("Dance")
    page.get_by_role("button", name="Rename").click()
    assert order(page) == ["Without a section", *"54", "Dance", *"876", "Ceremony", *"321"]

    tile(page, 7).click()
    page.get_by_role("button", name="Make cover").click()
    expect(tile(page, 7)).to_have_class(re.compile("is-cover"))
    shoot(page, "organise")
    cover = page.locator(".tile.is-cover").get_attribute("data-photo")
    page.goto(f"{cloud.url}/studio/")
    expect(page.locator(".card").first.locator("img")).to_have_attribute("src", re.compile(f"/{cover}/"))
    shoot(page, "dashboard-cards")


def test_the_same_with_the_keyboard(page: Page, files: list[Path]) -> None:
    filled(page, "Keyboard", files[:6])
    told, keys = page.locator("[data-told]"), page.keyboard
    page.get_by_role("button", name="Move IMG_5.jpg").focus()
    keys.press("Space")
    expect(told).to_have_text(re.compile("Taken up IMG_5.jpg. Photo 5 of 6, before IMG_6.jpg."))
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    expect(told).to_have_text("Photo 3 of 6, before IMG_3.jpg.")
    keys.press("Space")
    expect(told).to_have_text("Photo 3 of 6, moved before IMG_3.jpg.")
    expect(page.get_by_role("button", name="Move IMG_5.jpg")).to_be_focused()
    assert kept(page) == list("125346")

    page.get_by_role("button", name="Move IMG_1.jpg").focus()
    keys.press("Enter")
    keys.press("End")
    assert order(page) == list("253461")
    keys.press("Escape")
    expect(told).to_have_text("Left where it was.")
    assert order(page) == kept(page) == list("125346")

    page.get_by_role("checkbox", name="IMG_1.jpg").focus()
    keys.press("Space")
    keys.press("ArrowRight")
    expect(page.get_by_role("checkbox", name="IMG_2.jpg")).to_be_focused()
    keys.press("Space")
    expect(page.locator("[data-picked-count]")).to_have_text("2")
    page.get_by_role("button", name="To end").click()
    expect(page.locator(".tile").last).to_have_attribute("title", "IMG_2.jpg")
    assert kept(page) == list("534612")


def test_what_cannot_be_saved_goes_back(chromium: Browser, cloud: Cloud, files: list[Path]) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, cloud)
    filled(page, "Undo", files[:3])
    page.route("**/arrange/", lambda route: route.fulfill(status=409, json={"error": "Load the page again."}))
    drag(page, tile(page, 3), tile(page, 1), share=0.1)
    expect(page.get_by_role("alert")).to_have_text("Load the page again.")
    assert order(page) == list("123")
    context.close()


def test_the_rest_of_a_long_gallery_comes_by_itself(page: Page, files: list[Path]) -> None:
    filled(page, "Long", files[:6])
    address = page.url

    def half(route: Route) -> None:
        """The server's page, as if three photos were all that a page holds."""
        html = route.fetch(url=address).text()
        tiles = re.findall(r'<li class="tile.*?</li>', html, re.DOTALL)
        more = '<p class="more"><a href="?after=x" data-more>Show more</a></p>'
        shown, rest = (tiles[3:], "") if "after=x" in route.request.url else (tiles[:3], more)
        before, after = html.split("".join(tiles))
        route.fulfill(
            body=before + "".join(shown) + after.replace("</ul>", f"</ul>{rest}", 1), content_type="text/html"
        )

    page.route(f"{address}*", half)
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(address)
    expect(page.locator("[data-more]")).to_have_count(0)
    assert order(page) == list("123456")
    page.unroute_all()
    drag(page, tile(page, 6), tile(page, 1), share=0.1)
    assert kept(page) == list("612345")


def test_photos_and_galleries_are_deleted_after_a_question(page: Page, files: list[Path]) -> None:
    filled(page, "Short-lived", files[:3])
    tile(page, 2).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Delete 1 photo?")).to_be_visible()
    shoot(page, "delete-photos")
    page.get_by_role("button", name="Delete", exact=True).click()
    assert order(page) == list("13")
    page.get_by_role("link", name="Settings").click()
    shoot(page, "gallery-settings")
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete the gallery").click()
    expect(page.get_by_role("status").filter(has_text="“Short-lived” is deleted.")).to_be_visible()


def test_without_javascript_a_gallery_is_put_in_order_by_forms(
    page: Page, chromium: Browser, cloud: Cloud, files: list[Path]
) -> None:
    filled(page, "Plain", files[:3])
    address = page.url
    context = chromium.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(address)
    plain.get_by_role("checkbox", name="IMG_3.jpg").check()
    plain.get_by_role("button", name="To start").click()
    expect(plain.locator(".tile").first).to_have_attribute("title", "IMG_3.jpg")
    context.close()


def test_a_colleague_is_invited_by_mail(page: Page, chromium: Browser, cloud: Cloud) -> None:
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Team").click()
    page.get_by_label("E-mail").fill("grace@example.test")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("An invitation is on its way to grace@example.test.")).to_be_visible()
    shoot(page, "team")

    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    opened = follow_mail(context, cloud, to="grace@example.test")
    shoot(opened, "invitation")
    opened.get_by_label("Your name").fill("Grace")
    opened.get_by_label("Password").fill("long-enough-7319")
    opened.get_by_role("button", name="Join the studio").click()
    expect(opened.get_by_role("heading", name="Galleries")).to_be_visible()
    opened.locator(".menu summary").click()
    expect(opened.get_by_role("link", name="API")).to_have_count(0)
    opened.get_by_role("link", name="Team").click()
    expect(opened.get_by_label("E-mail")).to_have_count(0)  # a member invites nobody
    context.close()

    page.reload()
    page.get_by_role("button", name="Remove grace@example.test").click()
    expect(page.get_by_text("grace@example.test")).to_have_count(0)


def follow_mail(context: BrowserContext, cloud: Cloud, *, to: str) -> Page:
    """Open the newest mail to an address as it was caught, and its button."""
    page = context.new_page()
    caught = page.get_by_role("link", name=to)
    page.goto(f"{cloud.url}/_local/mail/")
    for _ in range(40):
        if caught.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    caught.first.click()
    button = page.frame_locator("iframe").get_by_role("link", name="Join the studio")
    shoot(page, "invitation-mail")
    with context.expect_page() as opened:
        button.click()
    return opened.value


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_are_accessible_and_fit(
    chromium: Browser, cloud: Cloud, files: list[Path], theme: Literal["light", "dark"], width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = context.new_page()
    sign_in(page, cloud)
    filled(page, f"Accessible {theme} {width}", files[:3])
    found: list[str] = []

    def look() -> None:
        found.extend(axe.complaints(page))
        wide = page.evaluate("document.documentElement.scrollWidth")
        found.extend([f"{page.url}: {wide} px wide"] * (wide > width))

    page.get_by_label("Title of the new section").fill("Ceremony")
    page.get_by_role("button", name="Add").click()
    tile(page, 2).click()
    look()
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Change Ceremony").click()
    look()
    page.locator(".bar .menu summary").click()
    look()
    gallery = page.url.split("?")[0].split("#")[0]
    for path in (f"{gallery}settings/", f"{gallery}delete/", "/studio/members/", "/studio/?q=nothing", "/studio/"):
        page.goto(path if path.startswith("http") else cloud.url + path)
        look()
    context.close()
    assert found == []
