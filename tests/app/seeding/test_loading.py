import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from app.accounts.models import Membership, Studio, User
from app.galleries.models import Gallery, Photo, Section
from app.seeding.loading import load
from app.seeding.rows import Rows
from app.seeding.sizes import Sizes
from app.sharing.models import AccessEvent, ShareLink

pytestmark = pytest.mark.django_db

SMALL = Sizes(galleries=12, photos=700, events=900, studios=3)
MODELS: list[Any] = [User, Studio, Membership, Gallery, Section, ShareLink, Photo, AccessEvent]


def seeded(seed: int = 1) -> list[str]:
    said: list[str] = []
    load(Rows(sizes=SMALL, seed=seed), database="default", say=said.append)
    return said


def definitions() -> set[tuple[str, str]]:
    """Every index and constraint of the two large tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('galleries_photo', 'sharing_accessevent') "
            "UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid IN ('galleries_photo'::regclass, 'sharing_accessevent'::regclass)"
        )
        # Read back and made again, a cast of a list is one of its items: the same condition in other words.
        return {(name, re.sub(r"::[a-z ]+(\[\])?|[()]", "", text)) for name, text in cursor.fetchall()}


def test_there_is_as_much_as_was_asked_for() -> None:
    said = seeded()
    counts = [model.objects.count() for model in MODELS]
    assert counts == [3, 3, 3, 12, Section.objects.count(), 24, 700, 900]
    assert any(line.startswith("galleries_photo: 700 rows in") for line in said)


def test_rows_are_as_the_product_makes_them() -> None:
    seeded()
    for photo in Photo.objects.all():
        photo.full_clean(exclude=["section"])
        assert photo.created_at.date().year in {2023, 2024, 2025, 2026}
    assert {photo.state for photo in Photo.objects.all()} > {"ready", "failed"}
    ready = Photo.objects.ready().first()
    assert ready is not None
    assert ready.renditions[0]["key"].startswith(f"media/{ready.studio_id}/{ready.gallery_id}/{ready.pk}/")
    assert all(event.link.gallery_id == event.gallery_id for event in AccessEvent.objects.select_related("link"))
    assert all(photo.gallery.studio_id == photo.studio_id for photo in Photo.objects.select_related("gallery"))
    for studio in Studio.objects.all():
        assert studio.used_bytes == sum(
            studio.photos.filter(state__in=["uploaded", "ready"]).values_list("bytes", flat=True)
        )
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_same_seed_makes_the_same_rows_and_another_does_not() -> None:
    def made(seed: int) -> list[list[dict[str, Any]]]:
        with transaction.atomic():
            seeded(seed)
            found = [list(model.objects.order_by("pk").values()) for model in MODELS]
            transaction.set_rollback(True)
        return found

    first = made(1)
    assert made(1) == first
    assert {row["id"] for row in made(2)[6]}.isdisjoint(row["id"] for row in first[6])


def test_indexes_and_foreign_keys_are_there_again() -> None:
    before = definitions()
    seeded()
    assert definitions() == before
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; UPDATE sharing_accessevent SET link_id = gallery_id")


def test_same_seed_twice_changes_nothing() -> None:
    seeded()
    before = definitions()
    with pytest.raises(IntegrityError):
        seeded()
    assert AccessEvent.objects.count() == 900
    assert definitions() == before
