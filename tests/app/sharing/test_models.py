from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link
from app.sharing.models import ShareLink

pytestmark = pytest.mark.django_db


def test_database_refuses_a_link_that_was_never_open(gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="x")
    with pytest.raises(IntegrityError, match="sharelink_expires_after_birth"), transaction.atomic():
        ShareLink.objects.filter(pk=link.pk).update(expires_at=link.created_at)


def test_link_is_live_until_it_expires_or_is_revoked() -> None:
    now = timezone.now()
    assert ShareLink().is_live(now)
    assert ShareLink(expires_at=now + timedelta(seconds=1)).is_live(now)
    assert not ShareLink(expires_at=now).is_live(now)
    assert not ShareLink(revoked_at=now).is_live(now)


def test_last_day_is_the_day_before_the_midnight_at_which_a_link_expires() -> None:
    link = ShareLink(expires_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert link.last_day is not None
    assert link.last_day.isoformat() == "2026-06-30"
    assert ShareLink().last_day is None
