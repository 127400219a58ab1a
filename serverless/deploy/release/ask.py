"""Asking a version, or what the alias names: events that only a direct invocation can send."""

from dataclasses import dataclass
from typing import Any, Final

from serverless.deploy.failures import AwsBusy
from serverless.deploy.release.context import Stage
from serverless.deploy.release.exceptions import FunctionFailed, MigratorBusy
from serverless.stack.names import Function

__all__ = ["OUT_OF_TIME", "USAGE", "Said", "manage", "manage_any"]

# Exit codes of serverless.manage.
USAGE: Final = 2
OUT_OF_TIME: Final = 124


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of a management command."""

    exit: int
    output: str
    release: str
    version: str


def manage_any(stage: Stage, which: Function, qualifier: str, *words: str) -> Said:
    """Run a management command in a function, whatever its exit code. Raises FunctionFailed where it gave no answer,
    MigratorBusy where another one runs in the migrator, which runs one at a time.
    """
    try:
        answer: Any = stage.functions.invoke(stage.name(which), qualifier, {"manage": list(words)})
    except AwsBusy as problem:
        if which != "migrator":
            raise
        raise MigratorBusy(
            f"{stage.name(which)} is still at work: on the migration of a release that was interrupted, or on a "
            f"command of `zappa manage`. It ends after 900 s at most. Then run the same command again."
        ) from problem
    try:
        return Said(**answer)
    except TypeError:
        raise FunctionFailed(
            f"{stage.name(which)}:{qualifier} answers {str(answer)[:200]!r} to a management command. Is its handler "
            f"serverless.handlers.main.handler (lambda_handler in zappa_settings.json)?"
        ) from None


def manage(stage: Stage, which: Function, qualifier: str, *words: str) -> Said:
    """Run a management command in a function. Raises FunctionFailed with what it printed unless it exits with 0."""
    said = manage_any(stage, which, qualifier, *words)
    if said.exit:
        raise FunctionFailed(
            f"`{' '.join(words)}` in {stage.name(which)}:{qualifier} exits with {said.exit}:\n{said.output}"
        )
    return said
