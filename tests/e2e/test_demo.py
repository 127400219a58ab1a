"""The demo gallery at the first start, from a folder of photographs in the place of the network."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.cloud import Cloud, start
from tests.e2e.studio import Studio
from tests.e2e.test_studio import photographs

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

SAID = re.compile(r"\[demo_gallery\] The demo gallery, as a client sees it: (\S+)")


def wait_for(cloud: Cloud, pattern: re.Pattern[str], *, seconds: float = 90) -> str:
    """The first group of the first line that the cloud prints like this."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := next((match for line in list(cloud.lines) if (match := pattern.search(line))), None):
            return found[1]
        time.sleep(0.2)
    raise TimeoutError("\n".join(cloud.lines))


def test_first_start_ends_with_a_clients_address_and_the_second_says_nothing(
    chromium: Browser, state_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photographs"
    photographs(folder, count=4)
    cloud = start(state_dir, demo_photos=folder)
    try:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(wait_for(cloud, SAID))
        expect(page.get_by_role("heading", name="A slow summer")).to_be_visible()
        expect(page.locator(".grid .tile")).to_have_count(4)
        page.locator(".grid .tile a").first.click()
        expect(page.get_by_text("photographs-0.jpg")).to_be_visible()
        page.close()
        lines = list(cloud.lines)
        ready = next(number for number, line in enumerate(lines) if line.startswith("Ready in"))
        assert ready < next(number for number, line in enumerate(lines) if "[demo_gallery]" in line)
    finally:
        cloud.stop()
    again = start(state_dir, demo_photos=folder)
    try:
        studio = Studio(again)
        time.sleep(3)  # for the command, which says nothing: 1 s of its own, and some for a busy machine
        assert studio.get("/studio/").count("A slow summer") == 1
        assert not any("demo_gallery" in line for line in again.lines)
    finally:
        again.stop()


def test_a_declined_demo_studio_is_empty(cloud: Cloud) -> None:
    assert not any("demo_gallery" in line for line in cloud.lines)
