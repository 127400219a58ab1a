"""Migrations, run by the new release's migrator version: before the switch what the release before can live with, and
after it what it cannot.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from serverless.deploy.failures import AwsUnreachable
from serverless.deploy.release.ask import OUT_OF_TIME, USAGE, Said, manage, manage_any
from serverless.deploy.release.context import Release, Stage
from serverless.deploy.release.exceptions import FunctionFailed, MigrationFailed

__all__ = ["Known", "early", "known", "late"]

# As `manage.py showmigrations --plan` prints: in the order in which they are run.
_LINE: Final = re.compile(r"^\[(?P<mark>[ X])\]\s+(?P<app>\w+)\.(?P<name>\w+)", re.MULTILINE)
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


def early(release: Release) -> None:
    """Run what the release before can live with; remember the rest for after the switch. Raises MigrationFailed."""
    stage, version = release.stage, release.versions["migrator"]
    if "migrator" not in release.before:
        _bootstrap(stage, version)
    every = known(stage, version)
    release.migrations = tuple(migration.label for migration in every)
    pending = [migration for migration in every if not migration.applied]
    waiting = _waiting(release, pending)
    release.late = tuple(migration.label for migration in pending if migration.label in waiting)
    if not pending:
        stage.log("there is nothing to migrate")
    elif not waiting:
        _run(stage, version, [])
        stage.log(f"{len(pending)} migrations were run: {_names(pending)}")
    else:
        _one_by_one(release, [migration for migration in pending if migration.label not in waiting])


def _waiting(release: Release, pending: Sequence[Known]) -> frozenset[str]:
    return frozenset()


def _bootstrap(stage: Stage, version: str) -> None:
    """Make the database users as whom the functions connect, which only a function can reach the database to do."""
    said = manage_any(stage, "migrator", version, "db", "bootstrap")
    if said.exit == USAGE:
        stage.log(f"the database's users are the project's own affair: {said.output.strip()}")
    elif said.exit:
        raise MigrationFailed(f"The database's users could not be made:\n{said.output}")
    else:
        stage.log("the database has its users")


def late(release: Release) -> None:
    """Run what waited for the switch. Raises MigrationFailed; the new release serves all the same."""
    if not release.late:
        release.stage.log("there is nothing to migrate")
        return
    _run(release.stage, release.versions["migrator"], [])
    release.stage.log(f"{len(release.late)} migrations were run: {', '.join(release.late)}")


def _one_by_one(release: Release, migrations: Sequence[Known]) -> None:
    stage, version = release.stage, release.versions["migrator"]
    for migration in migrations:
        plan = manage(stage, "migrator", version, "migrate", migration.app, migration.name, "--plan").output
        if needed := [label for label in release.late if re.search(rf"\b{re.escape(label)}\b", plan)]:
            raise MigrationFailed(
                f"{migration.label} is for before the switch and needs {', '.join(needed)}, which is for after it. "
                f"Release the two one after the other."
            )
    for migration in migrations:
        _run(stage, version, [migration.app, migration.name])
        stage.log(f"{migration.label} was run")


def _run(stage: Stage, version: str, target: Sequence[str]) -> None:
    try:
        said = manage_any(stage, "migrator", version, "migrate", *target, "--noinput")
    except FunctionFailed as problem:
        hint = _LONGER if "timed out" in str(problem) else "What was committed stays; showmigrations tells."
        raise MigrationFailed(f"The migrations did not come to their end. {problem}\n{hint}") from problem
    except AwsUnreachable as problem:
        raise MigrationFailed(
            f"The connection to the migrator was lost, and it may still be migrating: wait until its log group "
            f"/aws/lambda/{stage.name('migrator')} shows the end, at most 900 s. {problem}"
        ) from problem
    if said.exit:
        raise MigrationFailed(_failed(said))


def _failed(said: Said) -> str:
    if said.exit == OUT_OF_TIME:
        return f"A migration took too long:\n{said.output}\n{_LONGER}"
    return (
        f"A migration failed:\n{said.output}\nPostgreSQL has taken back the one that failed; those before it stay, and "
        f"the release before runs on with them."
    )


def _names(migrations: Sequence[Known]) -> str:
    labels = [migration.label for migration in migrations]
    return ", ".join(labels) if len(labels) <= 6 else f"{', '.join(labels[:3])}, … {labels[-1]}"
