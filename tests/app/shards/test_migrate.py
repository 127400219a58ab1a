"""`manage.py shards migrate`: each shard, to where the default database is, and no further."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from app.accounts.models import Studio
from serverless.db.shards.migrating import catching_up
from tests.app.shards.conftest import Tenant

pytestmark = pytest.mark.django_db(databases=["default", "other"], transaction=True)

# Both are the last of their apps, and nothing hangs on them.
LAST = {"sharing": "0005_link_addresses", "reports": "0001_initial"}


def rows(alias: str) -> MigrationRecorder:
    return MigrationRecorder(connections[alias])


def triggers(alias: str) -> set[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def behind() -> Iterator[None]:
    """The shard lacks what a release has brought since."""
    call_command("migrate", "sharing", "0004", database="other", verbosity=0)
    yield
    for alias in ("default", "other"):
        rows(alias).record_unapplied("sharing", "9999_unknown")
    call_command("migrate", database="other", verbosity=0)


def migrate() -> str:
    out = io.StringIO()
    call_command("shards", "migrate", stdout=out)
    return out.getvalue()


def test_shards_have_what_the_default_database_has() -> None:
    assert triggers("other") == triggers("default") >= {"gallery_version_follows", "sharelink_end_raises_version"}
    assert migrate() == "Shard other:\n"


@pytest.mark.usefixtures("behind")
def test_what_is_missing_is_run() -> None:
    assert "Applying sharing.0005_link_addresses... OK" in migrate()
    assert not list(catching_up("other"))
    assert "Applying" not in migrate()


@pytest.mark.usefixtures("behind")
def test_what_waits_for_the_switch_waits_on_the_shards() -> None:
    """Before the switch a release leaves out what the code that serves could not live with."""
    rows("default").record_unapplied("sharing", LAST["sharing"])
    try:
        assert "Applying" not in migrate()
        assert (rows("other").applied_migrations().keys() & {("sharing", LAST["sharing"])}) == set()
        # Of what it has had meanwhile, nothing is taken back.
        rows("other").record_unapplied("reports", LAST["reports"])
        assert list(catching_up("other")) == [("reports", LAST["reports"])]
    finally:
        rows("default").record_applied("sharing", LAST["sharing"])
        rows("other").record_applied("reports", LAST["reports"])


def test_a_shard_that_is_ahead_is_left_alone() -> None:
    rows("default").record_unapplied("sharing", LAST["sharing"])
    try:
        with pytest.raises(CommandError, match=r"'other' is ahead .*\(sharing\.0005_link_addresses\)"):
            migrate()
    finally:
        rows("default").record_applied("sharing", LAST["sharing"])


def test_migrations_of_code_that_is_no_more_are_nobodys_affair() -> None:
    for alias in ("default", "other"):
        rows(alias).record_applied("gone", "0001_initial")
    try:
        assert "Applying" not in migrate()
    finally:
        for alias in ("default", "other"):
            rows(alias).record_unapplied("gone", "0001_initial")


def test_copies_of_keys_are_brought_up_to_date(there: Tenant) -> None:
    Studio.objects.using("other").update(name="Old")
    migrate()
    assert Studio.objects.using("other").get().name == there.studio.name
