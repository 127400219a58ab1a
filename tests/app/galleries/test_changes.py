from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from app.galleries import changes as module
from app.galleries.changes import changes
from app.galleries.models import Gallery, Photo
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_nothing_changed(gallery: Gallery) -> None:
    now = timezone.now()
    new_photo(gallery)
    Photo.objects.update(updated_at=now - timedelta(hours=1))
    assert changes(Photo.objects.all(), since=now.isoformat(), now=now) == ([], now.isoformat(), False)


def test_a_long_answer_is_cut_and_goes_on_behind_its_last_photo(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_CHANGES", 2)
    photos = [new_photo(gallery) for _ in range(5)]
    Photo.objects.update(updated_at=LONG_AGO)  # all at once: the id decides
    now, since, seen = timezone.now(), (LONG_AGO - timedelta(days=1)).isoformat(), []
    for more_is_left in (True, True, False):
        found, since, more = changes(Photo.objects.all(), since=since, now=now)
        seen += [photo.pk for photo in found]
        assert more is more_is_left
    assert seen == [photo.pk for photo in photos]
    assert since == now.isoformat()


@pytest.mark.parametrize(
    "since", ["", "now", "2020-01-01T00:00:00", "0001-01-01T00:00:00+00:00", "2020-13-01T00:00:00Z", "\x00", "9" * 5000,
              "2020-01-01T00:00:00Z,", "2020-01-01T00:00:00Z,nobody", "2020-01-01T00:00:00Z,1,2"],
)  # fmt: skip
def test_what_we_did_not_give_is_refused(since: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever the parsers say
        changes(Photo.objects.all(), since=since, now=timezone.now())
