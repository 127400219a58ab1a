"""Migrations, run by the new release's migrator version: before the switch what the release before can live with, and
after it what it cannot.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from serverless.deploy import package
from serverless.deploy.failures import AwsUnreachable
from serverless.deploy.release.ask import OUT_OF_TIME, USAGE, Said, manage, manage_any
from serverless.deploy.release.context import Release, Stage
from serverless.deploy.release.environment import MIGRATOR_TIMEOUT_S
from serverless.deploy.release.exceptions import FunctionFailed, MigrationFailed, MigratorBusy, NotPossible

__all__ = ["Known", "bootstrap", "early", "known", "late", "lint", "shards", "timeouts_back"]

_PAUSE_S: Final = 2.0

# As `manage.py showmigrations --plan` prints: in the order in which they are run.
_LINE: Final = re.compile(r"^\[(?P<mark>[ X])\]\s+(?P<app>\w+)\.(?P<name>\w+)", re.MULTILINE)
# As `manage.py lintmigrations` prints.
_PLANNED: Final = re.compile(r"^(?P<when>before|after) the switch: manage\.py (?P<words>.+)$", re.MULTILINE)
# As `manage.py migrate` prints.
_RAN: Final = re.compile(r"Applying (\S+)\.\.\. OK")
# As `manage.py shards migrate` prints: a heading for each, and what `migrate` says.
_SHARDS: Final = ("shards", "migrate")
_SHARD: Final = re.compile(r"^Shard (\S+):\n((?:(?!Shard ).*\n?)*)", re.MULTILINE)
_LONGER: Final = (
    "Lambda ends a function after 900 s (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). "
    "Split the migration, or move its rows by a task that goes on for as long as it takes: "
    "docs/how-to/deploy.md#a-migration-that-takes-too-long."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A migration that the code knows."""

    app: str
    name: str
    applied: bool

    @property
    def label(self) -> str:
        return f"{self.app}.{self.name}"


def known(stage: Stage, qualifier: str) -> list[Known]:
    """Ask a migrator, by version or alias, for its migrations, and which of them the database has had."""
    said = manage(stage, "migrator", qualifier, "showmigrations", "--plan")
    return [
        Known(app=found["app"], name=found["name"], applied=found["mark"] == "X")
        for found in _LINE.finditer(said.output)
    ]


def lint(release: Release) -> None:
    """Judge what is new to the release that serves, on this machine, and plan it. Raises MigrationFailed.

    Nothing has been changed yet, so that a migration which would break what serves costs a minute.
    """
    stage = release.stage
    live = release.before.get("migrator")
    applied = [migration.label for migration in known(stage, live) if migration.applied] if live else []
    command = [sys.executable, "-m", "django", "lintmigrations", "--since", *applied]
    paths = os.pathsep.join(filter(None, [str(release.root), os.environ.get("PYTHONPATH")]))
    variables = package.load(release.root / "pyproject.toml").rehearse
    if not variables:
        raise NotPossible(
            "pyproject.toml has no [tool.serverless.package.rehearse]: the variables with which the project starts on "
            "this machine, to judge its migrations, collect its static files and keep what its start compiles "
            "(docs/how-to/package.md). Nothing was changed."
        )
    settings = {"DJANGO_SETTINGS_MODULE": release.code.settings_module}
    environ = {**os.environ, **settings, **variables, "PYTHONPATH": paths}
    done = subprocess.run(  # noqa: S603 - the project that is to be released
        command, cwd=release.root, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise MigrationFailed(f"{done.stderr.strip() or done.stdout.strip()}\nNothing was changed.")
    planned = [(found["when"], tuple(found["words"].split())) for found in _PLANNED.finditer(done.stdout)]
    release.early = tuple(words for when, words in planned if when == "before")
    release.late = tuple(words for when, words in planned if when == "after")
    for when, words in planned:
        stage.log(f"{when} the switch: {' '.join(words)}")


def early(release: Release) -> None:
    """Run what the release before can live with. Raises MigrationFailed."""
    stage, version = release.stage, release.versions["migrator"]
    bootstrap(stage, version)
    _run_all(release, release.early)
    shards(release)
    release.migrations = tuple(migration.label for migration in known(stage, version))


def late(release: Release) -> None:
    """Run what waited for the switch. Raises MigrationFailed; the new release serves all the same."""
    _run_all(release, release.late)
    shards(release)


def shards(release: Release) -> None:
    """Bring the shards, if the project has any, to where the default database is. Raises MigrationFailed.

    Also where there was nothing to migrate: one may be new, or was away when a release before this one came.
    """
    said = _said(release, _SHARDS)
    if said is None:  # run twice it does nothing
        _free(release)
        said = manage_any(release.stage, "migrator", release.versions["migrator"], *_SHARDS)
    if said.exit == USAGE:  # the command is of an app that is not installed
        return
    if said.exit:
        raise MigrationFailed(_failed(said))
    for name, lines in _SHARD.findall(said.output):
        release.stage.log(f"shard {name}: {len(_RAN.findall(lines))} migrations were run")


def bootstrap(stage: Stage, version: str) -> None:
    """Make the database users as whom the functions connect, where they are not as ``version`` of the migrator wants
    them: only a function can reach the database. Raises MigrationFailed.
    """
    said = manage_any(stage, "migrator", version, "db", "bootstrap")
    if said.exit == USAGE:
        stage.log(f"the database's users are the project's own affair: {said.output.strip()}")
    elif said.exit:
        raise MigrationFailed(f"The database's users could not be made:\n{said.output}")
    else:
        stage.log("the database has its users")


def timeouts_back(release: Release) -> None:
    """Give the database's users the timeouts of the release before: they belong to the user, not to a version."""
    if "migrator" in release.before and (
        release.previous is None
        or release.previous.configurations["worker"]["Timeout"] != release.configurations["worker"].timeout_s
    ):
        bootstrap(release.stage, release.before["migrator"])


def _run_all(release: Release, commands: Sequence[Sequence[str]]) -> None:
    stage = release.stage
    if not commands:
        stage.log("there is nothing to migrate")
    for words in commands:
        release.renew()
        ran = _RAN.findall(_run(release, words))
        stage.log(f"{' '.join(words)}: {len(ran)} migrations were run{f', the last {ran[-1]}' if ran else ''}")


def _run(release: Release, words: Sequence[str]) -> str:
    """Return what it printed; nothing where the line was lost, and the database has the migrations all the same."""
    said = _said(release, words)
    if said is None:
        _wait_for(release, words)
        return ""
    if said.exit:
        raise MigrationFailed(_failed(said))
    return said.output


def _said(release: Release, words: Sequence[str]) -> Said | None:
    """Return the migrator's answer, None where the line was lost. Raises MigrationFailed."""
    stage, version = release.stage, release.versions["migrator"]
    try:
        return manage_any(stage, "migrator", version, *words)
    except FunctionFailed as problem:
        hint = _LONGER if "timed out" in str(problem) else "What was committed stays; showmigrations tells."
        raise MigrationFailed(f"The migrations did not come to their end. {problem}\n{hint}") from problem
    except AwsUnreachable as problem:
        stage.log(f"the connection to the migrator was lost ({problem.code}); asking what became of the migration")
        return None


def _wait_for(release: Release, words: Sequence[str]) -> None:
    """Ask until the migrator is free again, and what there is then. Raises MigrationFailed."""
    stage, found = release.stage, _free(release)
    target = words[2:]  # of `migrate --noinput [APP NAME]`
    missing = [m.label for m in found if not m.applied and (not target or [m.app, m.name] == list(target))]
    if missing:
        raise MigrationFailed(
            f"The connection to the migrator was lost, and the database lacks {', '.join(missing)}. What happened is "
            f"in `make logs STAGE={stage.config.stage}`."
        )


def _free(release: Release) -> list[Known]:
    """Wait for the migrator, which does one thing at a time; return what it knows. Raises MigrationFailed."""
    until = time.monotonic() + MIGRATOR_TIMEOUT_S
    while True:
        release.renew()
        try:
            return known(release.stage, release.versions["migrator"])
        except (MigratorBusy, AwsUnreachable) as problem:
            if time.monotonic() > until:
                raise MigrationFailed(f"The connection to the migrator was lost. {problem}") from problem
            time.sleep(_PAUSE_S)


def _failed(said: Said) -> str:
    if said.exit == OUT_OF_TIME:
        return f"A migration took too long:\n{said.output}\n{_LONGER}"
    return (
        f"A migration failed:\n{said.output}\nWhat it did in a transaction is taken back; one with atomic = False may "
        f"have left an invalid index, to be dropped first. Those before it stay; the release before runs on with them."
    )
