"""The stacks of a stage on AWS: planned, made, read and removed through CloudFormation.

In: ``StackConfig`` and the templates of ``serverless.stack``. Out: plans for people; ``Outputs`` for releases.
May touch: CloudFormation, the release bucket, the app secret, and what ``destroy`` deletes. Not the terminal: what is
said and asked goes through ``Terminal``.
"""

from serverless.deploy.stacks.destroy import destroy, remove_remains
from serverless.deploy.stacks.exceptions import (
    StackFailed,
    StackMissing,
    StackRefused,
    StackUnfinished,
    StackUnwatched,
)
from serverless.deploy.stacks.outputs import Outputs, outputs
from serverless.deploy.stacks.parameters import functions_live, set_parameters
from serverless.deploy.stacks.parts import PARTS, Part, body, templates
from serverless.deploy.stacks.rollout import deploy, diff
from serverless.deploy.stacks.watch import Terminal

__all__ = [
    "PARTS",
    "Outputs",
    "Part",
    "StackFailed",
    "StackMissing",
    "StackRefused",
    "StackUnfinished",
    "StackUnwatched",
    "Terminal",
    "body",
    "deploy",
    "destroy",
    "diff",
    "functions_live",
    "outputs",
    "remove_remains",
    "set_parameters",
    "templates",
]
