import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.models import Gallery, Photo
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink
from tests.app.conftest import new_photo, new_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(gallery: Gallery) -> str:
    return create_share_link(gallery, label="Them")[1]


def since_of(client: Client, token: str) -> str:
    found = re.search(r'data-since="([^"]+)"', client.get(f"/s/{token}/").content.decode())
    assert found is not None
    return found[1]


def progress(client: Client, token: str, since: str) -> dict[str, Any]:
    response = client.get(f"/s/{token}/progress/?since={quote(since)}")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def test_page_says_how_many_are_being_developed(client: Client, gallery: Gallery, token: str) -> None:
    new_photo(gallery)
    html = client.get(f"/s/{token}/").content.decode()
    assert 'role="status" hidden>' in html
    for _ in range(2):
        new_photo(gallery, state="uploaded")
    assert ">2 more are being developed<" in client.get(f"/s/{token}/").content.decode()


def test_abandoned_uploads_are_not_waited_for(client: Client, gallery: Gallery, token: str) -> None:
    for state in ("pending", "uploaded"):
        new_photo(gallery, state=state)
    assert progress(client, token, since_of(client, token))["counts"] == {"ready": 0, "developing": 1, "arriving": 1}
    Photo.objects.update(updated_at=timezone.now() - timedelta(hours=2))
    assert progress(client, token, since_of(client, token))["counts"] == {"ready": 0, "developing": 0, "arriving": 0}


def test_new_photos_come_by_section_in_order(client: Client, gallery: Gallery, token: str) -> None:
    old = new_photo(gallery)
    Photo.objects.update(updated_at=timezone.now() - timedelta(hours=2))
    since = since_of(client, token)
    section = new_section(gallery, "Ceremony", position=1)
    second, first = (new_photo(gallery, rank=rank, section=section, section_position=1) for rank in (9, 3))
    loose = new_photo(gallery)
    new_photo(gallery, state="failed")
    answer = progress(client, token, since)
    assert [(part["section"], re.findall(r'id="photo-([^"]+)"', part["tiles"])) for part in answer["sections"]] == [
        ("", [str(loose.pk)]),
        ("ceremony", [str(first.pk), str(second.pk)]),
    ]
    assert str(old.pk) not in str(answer)
    assert answer["counts"]["ready"] == 4
    assert not answer["more"]
    assert f'class="tile r150 c134" id="photo-{first.pk}" data-rank="3"' in answer["sections"][1]["tiles"]


@pytest.mark.parametrize("count", [1, 20])
def test_questions_are_few_and_fixed(
    client: Client, gallery: Gallery, token: str, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    section = new_section(gallery, "Ceremony", position=1)
    since = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    for rank in range(count):
        new_photo(gallery, rank=rank, section=section, section_position=1)
    with django_assert_num_queries(3):  # link, counts, photos with their section
        assert len(re.findall("<li", str(progress(client, token, since)))) == count
    with django_assert_num_queries(2):  # link, photos
        assert len(client.get(f"/s/{token}/details/").json()) == count


@pytest.mark.parametrize("since", ["", "yesterday", "0001-01-01T00:00:00Z", "2020-01-01T00:00:00Z,x", "%00"])
def test_nonsense_is_refused(client: Client, token: str, since: str) -> None:
    response = client.get(f"/s/{token}/progress/?since={quote(since)}")
    assert response.status_code == 400
    assert "since" in response.json()["error"]


def test_details_name_file_placeholder_and_exposure(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery, filename="<b>\u202e.jpg", thumbhash="abc=", exif={"camera": "M11", "aperture": 2.0})
    for state in ("pending", "uploaded", "failed"):
        new_photo(gallery, state=state)
    assert client.get(f"/s/{token}/details/").json() == {
        str(photo.pk): {"name": "<b>\u202e.jpg", "hash": "abc=", "facts": [["Camera", "M11"], ["Aperture", "f/2"]]}
    }


def test_each_link_speaks_of_its_own_gallery(client: Client, gallery: Gallery, foreign: Gallery, token: str) -> None:
    theirs = new_photo(foreign)
    since = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    new_photo(foreign, state="uploaded")
    assert progress(client, token, since)["sections"] == []
    assert progress(client, token, since)["counts"] == {"ready": 0, "developing": 0, "arriving": 0}
    assert str(theirs.pk) not in client.get(f"/s/{token}/details/").content.decode()


def test_behind_a_closed_link_there_is_nothing(client: Client, gallery: Gallery, token: str) -> None:
    photo = new_photo(gallery)
    revoke_share_link(ShareLink.objects.get())
    for path in (f"/s/{token}/progress/?since=2020-01-01T00:00:00Z", f"/s/{token}/details/"):
        response = client.get(path)
        assert response.status_code == 410
        assert str(photo.pk) not in response.content.decode()
        assert client.get(path.replace(token, "nope")).status_code == 404
        assert client.post(path).status_code == 405


def test_nothing_of_it_is_cached(client: Client, gallery: Gallery, token: str) -> None:
    for path in (f"/s/{token}/progress/?since=2020-01-01T00:00:00Z", f"/s/{token}/details/"):
        assert client.get(path)["Cache-Control"] == "private, no-store"
