from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from app.accounts.models import Studio
from app.galleries.models import Photo
from app.seeding.management.commands.seed import Command

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


@pytest.mark.parametrize(
    "wrong", [{"galleries": 0}, {"photos": -1}, {"events": -1}, {"studios": 4, "galleries": 3}], ids=str
)
def test_impossible_sizes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(CommandError, match=r"at least|counted from 0"):
        call_command("seed", **wrong)


@pytest.mark.parametrize("given", ["--photos=many", "--seed=x", "--database=nowhere", "--all"])
def test_options_that_there_are_not_are_refused(given: str) -> None:
    with pytest.raises(CommandError, match=given.partition("=")[0]):
        call_command("seed", given)


@pytest.mark.pins("set")
def test_a_database_that_takes_no_writes_says_so() -> None:
    """As a replica's does."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    with pytest.raises(CommandError, match=r"Nothing was loaded: cannot execute .* in a read-only transaction"):
        seed()


def test_each_option_says_what_it_is_for() -> None:
    parser = Command().create_parser("manage.py", "seed")
    own = {"photos", "galleries", "events", "studios", "seed", "database", "add", "anyway"}
    assert {action.dest for action in parser._actions if action.help} >= own
