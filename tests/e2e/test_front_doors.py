"""Loupe behind each front door but the usual one, which all other tests here stand before; and the edge's pages."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Browser

from serverless.emulator.config import FRONT_DOORS
from tests.e2e import axe
from tests.e2e.cloud import Cloud, running
from tests.e2e.conftest import state_directory
from tests.e2e.studio import Studio

pytestmark = pytest.mark.xdist_group("e2e")


@pytest.mark.parametrize("front_door", FRONT_DOORS[1:])
def test_a_studio_signs_in_and_makes_a_gallery(front_door: str) -> None:
    with state_directory() as state, running(state, options=("--front-door", front_door)) as cloud:
        with urllib.request.urlopen(f"{cloud.url}/sign-in/?next=/studio/%3Fq%3Da%2520b", timeout=30) as page:
            assert 'value="/studio/?q=a%20b"' in page.read().decode()
            assert "csrftoken=" in page.headers["Set-Cookie"]
        studio = Studio(cloud)  # a form with the token's cookie; two cookies come back, and a redirect
        gallery = studio.new_gallery("Zoë & Łukasz")
        assert gallery.startswith("/studio/galleries/")
        assert "Zoë &amp; Łukasz" in studio.get(gallery)
        with pytest.raises(urllib.error.HTTPError) as caught:
            studio.get("/studio/galleries/none/")
        with caught.value as missing:
            assert (missing.code, "There is nothing here" in missing.read().decode()) == (404, True)


@pytest.mark.browser
def test_the_edges_pages_are_readable_by_everyone_under_their_own_policy(cloud: Cloud, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    answer = page.goto(f"{cloud.url}/static/none.css")
    assert answer is not None
    assert (answer.status, page.title()) == (404, "Nothing here")
    # The style sheet's hash is the one that the policy names: a browser says so by using it.
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "grid"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(f"{cloud.url}/static/none.css")
        assert axe.complaints(page) == []
        context.close()
