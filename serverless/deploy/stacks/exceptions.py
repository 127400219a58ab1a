"""What keeps a stage's stacks from being read, changed or removed."""

from serverless.deploy.exceptions import DeployError

__all__ = ["StackFailed", "StackMissing", "StackRefused", "StackUnfinished", "StackUnwatched"]


class StackMissing(DeployError):
    """A stack of the stage has never been made."""


class StackUnfinished(DeployError):
    """A stack is there, but half made, being changed, or of an older version of its template."""


class StackRefused(DeployError):
    """What was asked for would do harm, and nothing was changed."""


class StackFailed(DeployError):
    """CloudFormation could not do it; the message has the first reason, and what was left."""


class StackUnwatched(DeployError):
    """Nobody watches any more, and CloudFormation goes on."""
