"""Migrations before and after the switch."""

from pathlib import Path

import pytest

from serverless.deploy.release import Stage, begin, migrate
from serverless.deploy.release.exceptions import MigrationFailed, NotPossible
from serverless.stack import names
from tests.deploy.cloud import Cloud
from tests.deploy.conftest import SETTINGS, Zips, checkout, release

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


def test_without_variables_to_start_with_no_release_is_begun(stage: Stage, zips: Zips) -> None:
    root = checkout(zips("without"))
    table = (root / "pyproject.toml").read_text().partition("[tool.serverless.package.rehearse]")[0]
    (root / "pyproject.toml").write_text(table)
    with pytest.raises(NotPossible, match=r"has no \[tool\.serverless\.package\.rehearse\]"):
        migrate.lint(begin(stage, root, settings=SETTINGS))
