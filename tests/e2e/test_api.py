"""A token made in the browser, and the API behind the CDN read with it."""

import json
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.cloud import ROOT, Cloud
from tests.e2e.studio import Studio
from tests.samples.photos import Samples

pytestmark = [pytest.mark.browser, pytest.mark.samples, pytest.mark.xdist_group("e2e")]

SCREENSHOTS = ROOT / "build" / "screenshots"


def test_a_program_reads_what_was_uploaded(cloud: Cloud, chromium: Browser, samples: Samples) -> None:
    deliver(cloud, samples.jpegs_12mp[0])
    token = make_token(cloud, chromium)
    status, headers, body = get(f"{cloud.url}/api/v1/galleries/", token=token)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert headers["Set-Cookie"] is None
    gallery = next(row for row in json.loads(body)["data"] if row["title"] == "For a program")
    address = f"{cloud.url}/api/v1/galleries/{gallery['id']}/photos/"
    status, headers, body = get(address, token=token)
    (photo,) = json.loads(body)["data"]
    for rendition in photo["renditions"]:
        status, file, _ = get(rendition["url"])
        assert (status, file["Content-Type"]) == (200, f"image/{rendition['format']}")
    assert get(address, token=token, etag=headers["ETag"])[0] == 304
    status, headers, body = get(f"{cloud.url}/api/v1/galleries/")
    assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer realm="Loupe"')
    assert headers["Content-Type"] == "application/problem+json"


def deliver(cloud: Cloud, file: Path) -> None:
    studio = Studio(cloud)
    gallery = studio.new_gallery("For a program")
    studio.upload(gallery, [file])
    studio.settle(gallery, timeout_s=60)


def make_token(cloud: Cloud, chromium: Browser) -> str:
    """Make a token as a person does. Fails on anything the browser complains about."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(f"{cloud.url}/sign-in/?next=/studio/tokens/")
    email, password = cloud.credentials
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Label").fill("Portfolio website")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator("[data-secret]")
    expect(secret).to_be_focused()
    token = secret.input_value()
    shoot(page)
    context.close()
    assert complaints == []
    return token


def shoot(page: Page) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.screenshot(path=SCREENSHOTS / f"tokens-{width}-{theme}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def get(url: str, *, token: str = "", etag: str = "") -> tuple[int, Message, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers | ({"If-None-Match": etag} if etag else {}))
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
