"""Migrations before and after the switch."""

from pathlib import Path
from urllib.parse import SplitResult

import psycopg
import pytest

from serverless.deploy.release import Stage, begin, migrate
from serverless.deploy.release.exceptions import MigrationFailed, NotPossible
from serverless.stack import names
from tests.deploy.cloud import Cloud
from tests.deploy.conftest import PROJECT, SETTINGS, Zips, checkout, release

HEAD = "from django.db import migrations\n\nclass Migration(migrations.Migration):\n"
EARLY = """
    while_serving = "it only adds"
    operations = [migrations.RunSQL("CREATE TABLE early (id int)", "DROP TABLE early")]
"""
LATE = """
    dependencies = [("tiny", "0001_early")]
    after_switch = True
    operations = [migrations.RunSQL("DROP TABLE early", "CREATE TABLE early (id int)")]
"""
BROKEN = """
    dependencies = [("tiny", "0002_late")]
    after_switch = True
    operations = [migrations.RunSQL("SELECT 1 / 0", "SELECT 1")]
"""


def test_what_the_release_before_could_not_live_with_waits_for_the_switch(
    stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path, said: list[str]
) -> None:
    release(stage, zips("first"), static_folder)
    said.clear()
    files = {
        "tiny/migrations/__init__.py": "",
        "tiny/migrations/0001_early.py": HEAD + EARLY,
        "tiny/migrations/0002_late.py": HEAD + LATE,
    }
    done = release(stage, zips("late", files), static_folder)
    assert done.early == (("migrate", "--noinput", "tiny", "0001_early"),)
    early, switch, late = (
        next(number for number, line in enumerate(said) if line.startswith(words))
        for words in (
            "migrate --noinput tiny 0001_early: 1 migrations were run",
            "switch: ",
            "migrate --noinput: 1 migrations were run, the last tiny.0002_late",
        )
    )
    assert early < switch < late

    # One that fails then is no reason to go back to code that the earlier ones have left behind.
    files["tiny/migrations/0003_broken.py"] = HEAD + BROKEN
    with pytest.raises(MigrationFailed, match="division by zero"):
        release(stage, zips("broken", files), static_folder)
    newest = stage.records.list()[0]
    assert newest.id != done.id
    assert stage.live() == newest.versions
    assert newest.served
    assert "serves and was verified" in said[-1]
    assert set(stage.live()) == set(names.FUNCTIONS)


MODELS = """
from django.db import models

class Company(models.Model):
    shard = models.CharField(max_length=31, default="default", db_default="default")
    moving_since = models.DateTimeField(null=True)
"""
FIRST = """
    initial = True
    while_serving = "it only adds"
    operations = [migrations.CreateModel("Company", [
        ("id", models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name="ID")),
        ("shard", models.CharField(max_length=31, default="default", db_default="default")),
        ("moving_since", models.DateTimeField(null=True)),
    ])]
"""
SHARDS = """
INSTALLED_APPS += ["serverless.db.shards"]
DATABASES["two"] = DATABASES["default"] | {"NAME": DATABASES["default"]["NAME"] + "_two"}
DATABASE_ROUTERS = ["serverless.db.shards.router.Router"]
MIDDLEWARE = ["serverless.db.shards.middleware.ShardMiddleware"]
SERVERLESS["SHARDS"] = {"ALIASES": ["default", "two"], "KEY": "tiny.Company"}
"""


def test_shards_are_migrated_with_the_default_database(
    stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path, said: list[str], database_server: SplitResult
) -> None:
    """To where that is: before the switch as far as it is, and after it. One that is behind stops the next release."""
    head = HEAD.replace("migrations\n", "migrations, models\n", 1)
    files = {
        "tiny/settings.py": (PROJECT / "tiny" / "settings.py").read_text() + SHARDS,
        "tiny/models.py": MODELS,
        "tiny/migrations/__init__.py": "",
        "tiny/migrations/0001_first.py": head + FIRST,
        "tiny/migrations/0002_early.py": HEAD + "    dependencies = [('tiny', '0001_first')]\n" + EARLY,
        "tiny/migrations/0003_late.py": HEAD + LATE.replace("0001_early", "0002_early"),
    }
    name = f"{cloud.lambdas.database.partition('/')[2]}_two"
    with psycopg.connect(database_server._replace(path="/postgres").geturl(), autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" OWNER migrator')
        try:
            release(stage, zips("sharded", files), static_folder)
            of_tiny = ("migrate --noinput tiny", "migrate --noinput:", "shard ", "switch: ")
            order = [line for line in said if line.startswith(of_tiny)]
            assert [line.partition(":")[0] for line in order] == [
                "migrate --noinput tiny 0002_early", "shard two", "switch", "migrate --noinput", "shard two",
            ]  # fmt: skip
            assert order[-1] == "shard two: 1 migrations were run"

            # It was away, or is new: the release finds nothing to do in the default database, and does it here.
            with psycopg.connect(database_server._replace(path=f"/{name}").geturl(), autocommit=True) as shard:
                shard.execute("DROP OWNED BY migrator CASCADE")
            said.clear()
            release(stage, zips("again", files), static_folder)
            assert any(line.startswith("shard two: ") and "shard two: 0 " not in line for line in said)

            owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            live = stage.live()
            with pytest.raises(MigrationFailed, match="does not exist"):
                release(stage, zips("without", files), static_folder)
            assert stage.live() == live
        finally:
            owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_without_variables_to_start_with_no_release_is_begun(stage: Stage, zips: Zips) -> None:
    root = checkout(zips("without"))
    table = (root / "pyproject.toml").read_text().partition("[tool.serverless.package.rehearse]")[0]
    (root / "pyproject.toml").write_text(table)
    with pytest.raises(NotPossible, match=r"has no \[tool\.serverless\.package\.rehearse\]"):
        migrate.lint(begin(stage, root, settings=SETTINGS))
