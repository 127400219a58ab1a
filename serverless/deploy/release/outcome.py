"""What serves after something has failed, asked after the fact, and what to run."""

from collections.abc import Mapping

from serverless.deploy.exceptions import DeployError
from serverless.deploy.release.context import Stage
from serverless.deploy.release.record import Record
from serverless.stack.names import Function

__all__ = ["what_serves"]


def what_serves(stage: Stage, *, before: Mapping[Function, str], previous: Record | None) -> str:
    """Compare what the aliases name with what they named ``before``, and return a sentence."""
    name = stage.config.stage
    try:
        live = stage.live()
        there = stage.functions.there(stage.name("web"))
    except DeployError as problem:
        return f"What serves now could not be asked ({problem}). `make status STAGE={name}` tells."
    if live != dict(before):
        return (
            f"The aliases could not all be moved back: {live}. Run `make rollback STAGE={name} "
            f"RELEASE={previous.id if previous else '…'}` now."
        )
    if not live:
        command = "update" if there else "deploy"
        return f"Nothing serves yet, as before. Put right what failed, then `zappa {command} {name}`."
    serving = f"Release {previous.id}" if previous else "The release before"
    return f"{serving} serves as before. Put right what failed, then run the same command again."
