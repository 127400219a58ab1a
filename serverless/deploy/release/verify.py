"""Asking what serves: the functions' own word for it, through the alias that traffic takes."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from serverless.deploy.failures import AwsUnreachable
from serverless.deploy.release.ask import Said, manage
from serverless.deploy.release.context import Stage
from serverless.deploy.release.exceptions import VerifyFailed
from serverless.stack import names
from serverless.stack.names import Function

__all__ = ["serves"]

_ATTEMPTS: Final = 3
# Asks for nothing but the code itself.
_QUESTION: Final = ("check", "--list-tags")


def serves(stage: Stage, *, release: str, versions: Mapping[Function, str]) -> None:
    """Ask each function, by its alias, for its release and version. Raises VerifyFailed."""
    for which in names.FUNCTIONS:
        name = stage.name(which)
        said = _ask(stage, which)
        if (said.release, said.version) != (release, versions[which]):
            raise VerifyFailed(
                f"{name}:{names.ALIAS} answers as release {said.release!r}, version {said.version}; "
                f"it should be {release}, version {versions[which]}."
            )
        stage.log(f"{name}:{names.ALIAS} is {release}, version {said.version}")


def _ask(stage: Stage, which: Function) -> Said:
    """Ask again where no answer came: a lost connection is no reason to take a good release back."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(AwsUnreachable):
            return manage(stage, which, names.ALIAS, *_QUESTION)
    return manage(stage, which, names.ALIAS, *_QUESTION)
