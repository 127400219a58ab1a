"""The upload centre in a real browser: large files in parts, a closed tab, a lost connection, a full studio."""

import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Request, Route, expect

from tests.e2e import axe
from tests.e2e.cloud import ROOT, Cloud
from tests.e2e.studio import Studio
from tests.e2e.test_studio import drop, new_gallery, photographs, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

SCREENSHOTS = ROOT / "build" / "screenshots"
MB = 2**20
DEVELOPED_MS = 90_000


@pytest.fixture
def context(chromium: Browser, cloud: Cloud) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    sign_in(context.new_page(), cloud)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.pages[0]


def large(folder: Path, name: str, *, megapixels: int, seed: int = 0) -> Path:
    """Write a PNG of noise: three bytes a pixel, whatever packs it."""
    folder.mkdir(parents=True, exist_ok=True)
    size = (1000, 1000 * megapixels)
    noise = random.Random(seed).randbytes(3 * size[0] * size[1])  # noqa: S311 - noise
    path = folder / name
    Image.frombytes("RGB", size, noise).save(path, compress_level=0)
    return path


def slow_down(page: Page, megabytes_a_second: float) -> CDPSession:
    """Make the line slow; sending the command again with -1 makes it quick."""
    session = page.context.new_cdp_session(page)
    limit(session, megabytes_a_second)
    return session


def limit(session: CDPSession, megabytes_a_second: float) -> None:
    upload = megabytes_a_second * MB if megabytes_a_second > 0 else -1
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload}
    session.send("Network.emulateNetworkConditions", conditions)


def part_number(request: Request) -> int:
    """The number of the part in a request, 0 where it is none."""
    return int(parse_qs(urlsplit(request.url).query).get("partNumber", ["0"])[0]) if request.method == "PUT" else 0


def parts_sent(page: Page) -> list[int]:
    """Collect the numbers of the parts that leave the page."""
    numbers: list[int] = []
    page.on("request", lambda request: numbers.append(part_number(request)) if part_number(request) else None)
    return numbers


def choose(page: Page, *files: Path) -> None:
    page.locator("[data-chooser]").set_input_files(files)


def tiles(page: Page, count: int) -> None:
    expect(page.locator("[data-grid] > li")).to_have_count(count, timeout=DEVELOPED_MS)


def look(page: Page, name: str) -> None:
    """Take the panel's picture at both widths and in both themes, and ask axe."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SCREENSHOTS / f"upload-{name}-{width}-{theme}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe.complaints(page) == []
    page.emulate_media(color_scheme="light")


def test_a_large_file_goes_in_parts_and_a_small_one_in_one(page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Large and small")
    sent = parts_sent(page)
    choose(page, large(tmp_path, "large.png", megapixels=8), *photographs(tmp_path / "small", count=2))
    tiles(page, 3)
    assert sorted(sent) == [1, 2, 3]
    expect(page.locator("[data-sending-text]")).to_have_text("Sent 3 / 3")
    expect(page.locator("[data-developing-text]")).to_have_text("Processed 3 / 3")
    look(page, "done")


def test_a_closed_tab_is_continued_without_sending_a_part_twice(
    context: BrowserContext, cloud: Cloud, tmp_path: Path
) -> None:
    first = context.pages[0]
    new_gallery(first, "Closed in between")
    address = first.url
    file = large(tmp_path, "wedding.png", megapixels=14)  # 40 MB, six parts

    def let_three_through(route: Route) -> None:
        if part_number(route.request) <= 3:
            route.continue_()
        else:
            route.abort("connectionreset")

    first.route("**/incoming/**partNumber=**", let_three_through)
    choose(first, file)
    expect(first.locator("[data-files] .file")).to_contain_text("24.0\xa0MB of 40.", timeout=30_000)
    context.set_offline(True)  # the route goes before the page does, and would let a part through in between
    first.close(run_before_unload=False)
    context.set_offline(False)

    studio = Studio(cloud)
    gallery = address.removeprefix(cloud.url)
    (ticket,) = studio.sign(gallery, [file])
    arrived = {part["number"] for part in studio.call(ticket["begin"])["parts"]}
    assert arrived == {1, 2, 3}

    second = context.new_page()
    second.goto(address)
    expect(second.locator("[data-unfinished]")).to_contain_text("1 upload stopped on the way")
    second.locator("[data-unfinished] summary").click()
    expect(second.locator("[data-unfinished] li")).to_contain_text("wedding.png")
    look(second, "unfinished")
    sent = parts_sent(second)
    choose(second, file)
    tiles(second, 1)
    assert sorted(sent) == [4, 5, 6]


def test_pausing_stops_every_byte_and_resuming_goes_on(page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Paused")
    sent = parts_sent(page)
    session = slow_down(page, 4)
    files = photographs(tmp_path / "few", count=3)
    choose(page, large(tmp_path, "big.png", megapixels=11), *files)
    expect(page.locator("[data-sending-share]")).to_contain_text("left", timeout=15_000)  # a rate is known
    expect(page.locator("[data-sending-share]")).to_contain_text("MB/s")
    look(page, "sending")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-notice]")).to_contain_text("Paused.")
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    before = page.locator("[data-sending] progress").get_attribute("value")
    page.wait_for_timeout(700)
    assert page.locator("[data-sending] progress").get_attribute("value") == before
    look(page, "paused")
    limit(session, -1)
    page.get_by_role("button", name="Resume").click()
    tiles(page, 4)
    assert set(sent) == {1, 2, 3, 4}
    expect(page.locator("[data-sending-text]")).to_have_text("Sent 4 / 4")


def test_one_file_can_be_cancelled(page: Page, cloud: Cloud, tmp_path: Path) -> None:
    new_gallery(page, "Cancelled")
    session = slow_down(page, 3)
    choose(page, large(tmp_path, "wrong one.png", megapixels=8), *photographs(tmp_path / "right", count=1))
    row = page.locator("[data-files] .file", has_text="wrong one.png")
    expect(row).to_contain_text("of 22.", timeout=10_000)
    row.get_by_role("button", name="Cancel: wrong one.png").click()
    expect(row).to_have_count(0)
    limit(session, -1)
    tiles(page, 1)
    expect(page.locator("[data-sending-text]")).to_have_text("Sent 1 / 1")
    page.reload()
    expect(page.locator("[data-unfinished]")).to_have_count(0)


def test_offline_waits_and_goes_on_by_itself(context: BrowserContext, page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Tunnel")
    session = slow_down(page, 3)
    choose(page, large(tmp_path, "tunnel.png", megapixels=8))
    expect(page.locator("[data-files] .file")).to_contain_text("of 22.", timeout=10_000)
    context.set_offline(True)
    expect(page.locator("[data-notice]")).to_contain_text("You are offline.")
    look(page, "offline")
    context.set_offline(False)
    limit(session, -1)
    tiles(page, 1)
    expect(page.locator("[data-files] .file--bad")).to_have_count(0)


def test_what_could_not_be_sent_is_collected_and_retried(page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Broken line")
    broken = True

    def fail(route: Route) -> None:
        if broken and route.request.method == "PUT":
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/incoming/**", fail)
    names = photographs(tmp_path / "line", count=3)
    choose(page, *names)
    bad = page.locator("[data-files] .file--bad")
    expect(bad).to_have_count(3, timeout=30_000)
    expect(page.locator("[data-failed-text]")).to_have_text("3 files were not sent.")
    expect(bad.first).to_contain_text("The connection broke")
    look(page, "failed")
    broken = False
    bad.first.get_by_role("button", name="Try again").click()
    tiles(page, 1)
    page.get_by_role("button", name="Retry all").click()
    tiles(page, 3)
    expect(page.locator("[data-failed-line]")).to_be_hidden()
    choose(page, *names)
    expect(page.locator("[data-here]")).to_have_text("3 files are in the gallery already.")


def test_a_short_trouble_of_the_file_store_needs_nobody(page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Slow down")
    answers = [503, 403]

    def trouble(route: Route) -> None:
        if answers and route.request.method == "PUT":
            route.fulfill(status=answers.pop(), headers={"access-control-allow-origin": "*"}, body="<Error/>")
        else:
            route.continue_()

    page.route("**/incoming/**", trouble)
    choose(page, *photographs(tmp_path / "trouble", count=1))
    tiles(page, 1)
    assert answers == []


def test_an_expired_signature_is_asked_for_again(page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Expired")

    # Signatures older than they are, as on a line that is slow enough. In the page: its own calls stay untouched.
    page.evaluate("""() => {
        const real = window.fetch;
        window.fetch = async (...call) => {
            const response = await real(...call);
            if (!call[0].endsWith("/uploads/")) return response;
            window.fetch = real;
            const answer = await response.json();
            for (const file of answer.files) file.expires_in = -1;
            return Response.json(answer);
        };
    }""")
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url) if request.url.endswith("/uploads/") else None)
    choose(page, *photographs(tmp_path / "old", count=1))
    tiles(page, 1)
    assert len(calls) == 2


def test_a_full_studio_says_what_is_left_and_needed(page: Page, cloud: Cloud, tmp_path: Path) -> None:
    folder = tmp_path / "Delivery"
    photographs(folder, count=2)
    for number in range(2):
        large(folder, f"too large {number}.png", megapixels=4, seed=number)
    with_quota(page, cloud, room=3 * MB)
    try:
        page.goto(f"{cloud.url}/studio/")
        new_gallery(page, "Full")
        drop(page, folder)
        notice = page.locator("[data-notice]")
        expect(notice).to_contain_text("MB left; this folder needs 22.9")
        assert notice.inner_text().startswith("Your studio has 2.")
        tiles(page, 2)
        look(page, "full")
    finally:
        with_quota(page, cloud, room=50 * 1024 * MB)
    page.go_back()


def with_quota(page: Page, cloud: Cloud, *, room: int) -> None:
    """Give the demo studio this much room, as its owner's provider would."""
    page.goto(f"{cloud.url}/admin/accounts/studio/")
    page.get_by_role("link", name="Atelier Demo").click()
    used = int(page.locator(".field-used_bytes .readonly").inner_text())
    page.get_by_label("Quota in bytes").fill(str(used + room))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_many_photos_show_both_bars(page: Page, tmp_path: Path) -> None:
    new_gallery(page, "Both bars")
    slow_down(page, 2)
    choose(page, *photographs(tmp_path / "many", count=24))
    expect(page.locator("[data-developing-text]")).to_contain_text("Processing", timeout=30_000)
    look(page, "processing")
    tiles(page, 24)


def test_the_empty_page(page: Page) -> None:
    new_gallery(page, "Empty")
    look(page, "empty")
