"""``zappa manage STAGE command``: in the migrator that serves, through the allow-list that the function has."""

import shlex
from collections.abc import Callable, Sequence

from serverless.deploy.release.ask import manage_any
from serverless.deploy.release.context import Stage
from serverless.deploy.release.exceptions import NotPossible
from serverless.stack import names

__all__ = ["manage"]


def manage(stage: Stage, words: Sequence[str], *, write: Callable[[str], object]) -> int:
    """Run a management command, ``write`` what it printed, return its exit code. One word may hold the whole line."""
    line = shlex.split(words[0]) if len(words) == 1 else list(words)
    if stage.functions.live(stage.name("migrator")) is None:
        raise NotPossible(f"No release serves {stage.config.stage} yet: `zappa deploy {stage.config.stage}` makes one.")
    said = manage_any(stage, "migrator", names.ALIAS, *line)
    write(said.output if said.output.endswith("\n") or not said.output else f"{said.output}\n")
    return said.exit
