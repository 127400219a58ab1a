from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.serverless.deploy.migrations.conftest import Shop, shop
from tests.serverless.deploy.migrations.test_judge import loupe

__all__ = ["shop"]


def lint(*words: str) -> str:
    out = StringIO()
    call_command("lintmigrations", *words, stdout=out)
    return out.getvalue()


def test_a_first_release_has_nothing_to_fear() -> None:
    said = lint().splitlines()
    assert said[0] == "before the switch: manage.py migrate --noinput"
    assert said[-1].endswith("new migrations, nothing wrong with them.")


def test_it_says_what_is_wrong_and_what_to_do(shop: Shop) -> None:
    label = shop("operations = [migrations.RemoveField('Item', 'price')]")
    with pytest.raises(CommandError) as raised:
        lint("--since", *loupe(), f"{label}.0001")
    said = str(raised.value)
    assert f"{label}.0002: Remove field price from Item [remove-field]\n  The code before it selects this" in said
    assert "Instead: Put it into a migration of its own with after_switch = True." in said


def test_it_says_what_a_release_runs_when(shop: Shop) -> None:
    label = shop("after_switch = True\noperations = [migrations.RemoveField('Item', 'price')]")
    assert lint("--since", *loupe(), f"{label}.0001").splitlines() == [
        "after the switch: manage.py migrate --noinput", "1 new migrations, nothing wrong with them.",
    ]  # fmt: skip


def test_names_of_nothing_alone_are_refused_since_nothing_would_be_judged() -> None:
    with pytest.raises(CommandError, match=r"This project has no migration called nothing\.0001"):
        lint("--since", "nothing.0001")


def test_what_a_release_has_dropped_is_said_and_stops_nothing() -> None:
    assert lint("--since", *loupe(), "gone.0001").splitlines() == [
        "Applied, and no longer here: gone.0001.", "0 new migrations, nothing wrong with them.",
    ]  # fmt: skip
