"""Asking a version, or what the alias names: events that only a direct invocation can send."""

from dataclasses import dataclass
from typing import Any, Final

from serverless.deploy.release.context import Stage
from serverless.deploy.release.exceptions import FunctionFailed
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
    """Run a management command in a function, whatever its exit code. Raises FunctionFailed where it gave no answer."""
    answer: Any = stage.functions.invoke(stage.name(which), qualifier, {"manage": list(words)})
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
