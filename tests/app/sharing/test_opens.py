import re
import uuid
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.galleries.models import Gallery
from app.sharing import opens
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import AccessEvent, ShareLink
from app.sharing.tasks import record_opens
from serverless.tasks.testing import CapturedTasks, captured_tasks
from tests.app.conftest import new_photo
from tests.app.sharing.door import PIN, Door, elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(gallery: Gallery) -> str:
    return create_share_link(gallery, label="Them")[1]


@pytest.fixture
def captured() -> Iterator[CapturedTasks]:
    with captured_tasks() as found:
        yield found


def test_opening_is_handed_over_and_not_written_here(
    client: Client, token: str, captured: CapturedTasks, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = timezone.now()
    with django_assert_num_queries(1):  # the link
        response = client.post(f"/s/{token}/opened/")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "private, no-store"
    ((([event],), _),) = captured.of(record_opens)
    assert event.keys() == {"id", "link", "studio", "at"}
    assert uuid.UUID(event["id"]).version == 7
    assert event["link"] == str(ShareLink.objects.get().pk)
    assert before <= datetime.fromisoformat(event["at"]) <= timezone.now()
    assert not AccessEvent.objects.exists()
    captured.run()
    assert str(AccessEvent.objects.get().pk) == event["id"]


def test_message_names_neither_token_nor_viewer(client: Client, token: str, captured: CapturedTasks) -> None:
    agent = {"User-Agent": "Their Browser 7"}
    client.post(f"/s/{token}/opened/", headers=agent, REMOTE_ADDR="198.51.100.77")
    said = str([result.args for result in captured.results])
    assert "'link'" in said
    for secret in (token, "198.51.100.77", "Their Browser"):
        assert secret not in said


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_reading_records_nothing(client: Client, token: str, captured: CapturedTasks, method: str) -> None:
    assert getattr(client, method)(f"/s/{token}/opened/").status_code == 405
    for path in (f"/s/{token}/", f"/s/{token}/details/"):
        client.get(path)
    assert not captured


def test_what_is_not_open_was_not_opened(
    client: Client, gallery: Gallery, pin_door: Door, captured: CapturedTasks
) -> None:
    assert client.post("/s/nope/opened/").status_code == 404
    assert client.post(f"{pin_door.path}opened/").status_code == 403  # locked
    pin_door.attempt(client, PIN)
    revoke_share_link(pin_door.link)
    assert client.post(f"{pin_door.path}opened/").status_code == 410
    draft, token = create_share_link(gallery, label="Draft")
    Gallery.objects.filter(pk=draft.gallery_id).update(status="draft")
    assert client.post(f"/s/{token}/opened/").status_code == 404
    assert not captured


def test_whoever_has_unlocked_has_opened(client: Client, pin_door: Door, captured: CapturedTasks) -> None:
    pin_door.attempt(client, PIN)
    assert client.post(f"{pin_door.path}opened/").status_code == 204
    assert len(captured) == 1


def test_photographers_do_not_count_at_their_own_links(
    studio_client: Client, token: str, foreign: Gallery, captured: CapturedTasks
) -> None:
    assert studio_client.post(f"/s/{token}/opened/").status_code == 204
    assert not captured
    other = create_share_link(foreign, label="Them")[1]
    assert studio_client.post(f"/s/{other}/opened/").status_code == 204
    assert len(captured) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 204),  # a beacon of our pages
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "null"}, 204),  # browsers before Sec-Fetch-Site
        ({"Origin": "http://testserver"}, 204),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "http://testserver.evil.test"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_other_sites_are_not_believed(
    token: str, captured: CapturedTasks, settings: Settings, headers: dict[str, str], status: int
) -> None:
    settings.SITE_URL = "http://testserver"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/s/{token}/opened/", headers=headers).status_code == status
    assert len(captured) == (status == 204)


def test_one_viewer_is_counted_so_often(
    client: Client, token: str, captured: CapturedTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opens, "OPENS", 2)
    viewer = elsewhere()
    found = [client.post(f"/s/{token}/opened/", REMOTE_ADDR=viewer) for _ in range(3)]
    assert [response.status_code for response in found] == [204, 204, 429]
    assert found[-1]["Retry-After"] == "3600"
    assert client.post(f"/s/{token}/opened/", REMOTE_ADDR=elsewhere()).status_code == 204
    assert len(captured) == 3


def test_without_the_cache_openings_are_counted(
    client: Client, token: str, captured: CapturedTasks, settings: Settings
) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    assert client.post(f"/s/{token}/opened/").status_code == 204
    assert len(captured) == 1


def test_pages_with_photographs_say_that_they_were_opened_and_others_do_not(
    client: Client, gallery: Gallery, token: str, pin_door: Door
) -> None:
    photo = new_photo(gallery)
    for path in (f"/s/{token}/", f"/s/{token}/{photo.pk}/"):
        html = client.get(path).content.decode()
        assert re.findall(r'data-opened="([^"]+)"', html) == [f"/s/{token}/opened/"]
    for path in (pin_door.path, "/s/nope/", f"/s/{token}/{gallery.pk}/"):
        assert "data-opened" not in client.get(path).content.decode()
