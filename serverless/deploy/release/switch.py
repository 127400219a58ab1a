"""The alias ``live``: the one thing that a visitor notices.

Worker before web, so that no page enqueues a task that no worker knows; back in reverse, for the same reason. An alias
names one version at a time: a share of visitors on each would see two sets of pages, and both would use one database.
"""

from collections.abc import Mapping
from typing import Final

from serverless.deploy.exceptions import DeployError
from serverless.deploy.release.context import Stage
from serverless.deploy.release.patience import PASSING
from serverless.stack.names import Function

__all__ = ["ORDER", "point", "restore"]

ORDER: Final[tuple[Function, ...]] = ("migrator", "worker", "web")


def point(stage: Stage, versions: Mapping[Function, str], *, description: str) -> None:
    """Point the aliases at ``versions``, the worker's before the web function's."""
    for which in ORDER:
        if which in versions:
            stage.functions.point(stage.name(which), versions[which], description=description)


def restore(stage: Stage, before: Mapping[Function, str], *, description: str) -> None:
    """Point the aliases at what they named before, and take away those that there were none of.

    Goes on after an error, so that one function that cannot be moved keeps no other from it; raises one, if there is
    one that passes by itself, since then it is worth asking again.
    """
    errors: list[DeployError] = []
    for which in reversed(ORDER):
        name, wanted = stage.name(which), before.get(which)
        try:
            if stage.functions.live(name) == wanted:
                continue
            if wanted is None:
                stage.functions.unpoint(name)
            else:
                stage.functions.point(name, wanted, description=description)
        except DeployError as problem:
            errors.append(problem)
    if errors:
        raise next((problem for problem in errors if isinstance(problem, PASSING)), errors[0])
