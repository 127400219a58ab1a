"""All findings: each new operation by the rules, dependencies across the switch, and the SQL by squawk."""

from collections.abc import Iterator

from django.db.migrations import Migration, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from serverless.deploy.migrations import statements
from serverless.deploy.migrations.findings import Finding, Problem
from serverless.deploy.migrations.history import History, name_of
from serverless.deploy.migrations.plan import is_after
from serverless.deploy.migrations.release import Release
from serverless.deploy.migrations.rules import problems

__all__ = ["judge"]


def judge(history: History) -> list[Finding]:
    """Return what is wrong with the project's new migrations; nothing is with those of a first release.

    Raises SquawkMissing.
    """
    if history.is_first:
        return []
    found = [*_across_the_switch(history), *_by_operation(history)]
    # Of what is never to run, squawk would only say the same in other words.
    condemned = {finding.migration for finding in found}
    return found + [finding for finding in statements.findings(history) if finding.migration not in condemned]


def _across_the_switch(history: History) -> Iterator[Finding]:
    for migration in history.new():
        if is_after(migration):
            continue
        for other in history.needed_by(migration):
            if is_after(other) and history.is_new(other):
                yield Finding(
                    migration=name_of(migration),
                    operation="",
                    problem=Problem(
                        rule="before-needs-after",
                        says=f"It runs before the switch, and depends on {name_of(other)}, which runs after it.",
                        instead="Release that one first, and this one in the next release; or mark this one "
                        "after_switch = True, too, if the code of its release can do without it.",
                    ),
                )


def _by_operation(history: History) -> Iterator[Finding]:
    state, release = ProjectState(), Release()
    for migration in history.ordered:
        if not history.is_new(migration):
            migration.mutate_state(state, preserve=False)
            continue
        ours = history.is_ours(migration)
        for operation in migration.operations:
            for problem in _judged(operation, migration, state, release):
                if ours:
                    yield Finding(migration=name_of(migration), operation=operation.describe(), problem=problem)


def _judged(operation: Operation, migration: Migration, state: ProjectState, release: Release) -> list[Problem]:
    """Return what is wrong with ``operation``, and carry it out on ``state``."""
    label = migration.app_label
    if not isinstance(operation, SeparateDatabaseAndState):
        found = problems(operation, migration=migration, state=state, release=release)
        release.note(operation, label)
        operation.state_forwards(label, state)
        return found
    aside = state.clone()
    found = [
        problem for inner in operation.database_operations for problem in _judged(inner, migration, aside, release)
    ]
    operation.state_forwards(label, state)
    return found
