"""Loupe behind each front door but the usual one, which all other tests here stand before."""

import urllib.error
import urllib.request

import pytest

from serverless.emulator.config import FRONT_DOORS
from tests.e2e.cloud import running
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
