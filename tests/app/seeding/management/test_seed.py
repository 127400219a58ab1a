from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from app.accounts.models import Studio
from app.galleries.models import Photo

pytestmark = pytest.mark.django_db


def seed(**options: Any) -> str:
    out = StringIO()
    call_command("seed", photos=30, galleries=3, events=40, stdout=out, **options)
    return out.getvalue()


def test_says_what_it_made() -> None:
    assert "sharing_accessevent: 40 rows" in seed()
    assert Photo.objects.count() == 30


def test_database_with_studios_is_left_alone_unless_told(studio: Studio) -> None:
    with pytest.raises(CommandError, match="--add"):
        seed()
    assert not Photo.objects.exists()
    seed(add=True)
    assert Studio.objects.filter(pk=studio.pk).exists()
    assert Photo.objects.count() == 30


def test_same_seed_again_is_refused_with_a_reason() -> None:
    seed()
    with pytest.raises(CommandError, match="rows of seed 1 are here"):
        seed(add=True)
    seed(add=True, seed=2)
    assert Photo.objects.count() == 60


def test_production_is_left_alone_unless_told(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="--anyway"):
        seed()
    seed(anyway=True)
    assert Photo.objects.count() == 30


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(CommandError, match="at least"):
        call_command("seed", galleries=0)
