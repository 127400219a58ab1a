"""Asking what serves: the functions' own word for it, through the alias that traffic takes."""

import time
from collections.abc import Mapping
from typing import Final

from serverless.deploy.failures import AwsUnreachable
from serverless.deploy.release.ask import Said, manage
from serverless.deploy.release.context import Stage
from serverless.deploy.release.exceptions import VerifyFailed
from serverless.stack import names
from serverless.stack.names import Function

__all__ = ["can_serve", "serves"]

# What invokes a function follows an alias that was moved within seconds, by what is told of it: AWS promises nothing.
# https://github.com/DataBiosphere/azul/issues/7883
_PATIENCE_S: Final = 60.0
_PAUSE_S: Final = 1.0
# Asks for nothing but the code itself.
_QUESTION: Final = ("check", "--list-tags")


def serves(stage: Stage, *, release: str, versions: Mapping[Function, str]) -> None:
    """Ask each function, by its alias, for its release and version. Raises VerifyFailed.

    An answer of another version is none yet, and neither is a lost connection: only what is still so after a minute is
    a reason to take a good release back.
    """
    until = time.monotonic() + _PATIENCE_S
    for which in names.FUNCTIONS:
        said = _ask(stage, which, wanted=versions[which], until=until)
        _require(stage, which, names.ALIAS, said, release=release, version=versions[which])
        stage.log(f"{stage.name(which)}:{names.ALIAS} is {release}, version {said.version}")


def can_serve(stage: Stage, *, release: str, versions: Mapping[Function, str]) -> None:
    """Ask each version by its number, which nothing has called for weeks maybe, and so wake it. Raises VerifyFailed."""
    for which in names.FUNCTIONS:
        said = manage(stage, which, versions[which], *_QUESTION)
        _require(stage, which, versions[which], said, release=release, version=versions[which])


def _require(stage: Stage, which: Function, qualifier: str, said: Said, *, release: str, version: str) -> None:
    if (said.release, said.version) != (release, version):
        raise VerifyFailed(
            f"{stage.name(which)}:{qualifier} answers as release {said.release!r}, version {said.version}; "
            f"it should be {release}, version {version}."
        )


def _ask(stage: Stage, which: Function, *, wanted: str, until: float) -> Said:
    while True:
        over = time.monotonic() + _PAUSE_S > until
        try:
            said = manage(stage, which, names.ALIAS, *_QUESTION)
        except AwsUnreachable:
            if over:
                raise
        else:
            if said.version == wanted or over:
                return said
        time.sleep(_PAUSE_S)
