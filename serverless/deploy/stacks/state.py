"""How a stack stands, and whether anything may be done with it now.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks.exceptions import StackRefused, StackUnfinished
from serverless.deploy.stacks.parts import Ref
from serverless.stack.config import StackConfig

__all__ = ["NEVER_FINISHED", "State", "command", "find", "require_ours", "require_ready", "tags"]

# What a stack is left in by a creation that failed, or was only planned: nothing in it is in use.
NEVER_FINISHED: Final = frozenset({"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_FAILED"})
_READY: Final = frozenset(
    {
        *("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"),
        *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"),
    }
)
_STUCK: Final = frozenset({"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "IMPORT_ROLLBACK_FAILED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One stack as CloudFormation describes it."""

    ref: Ref
    id: str
    status: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    """Values of NoEcho parameters are asterisks."""
    tags: Mapping[str, str]
    protected: bool


def command(config: StackConfig, words: str) -> str:
    """Return a command line to run next: ``python -m serverless.deploy stack deploy production``."""
    action, _, rest = words.partition(" ")
    return f"`python -m serverless.deploy stack {action} {config.stage}{f' {rest}' if rest else ''}`"


def tags(config: StackConfig) -> dict[str, str]:
    """Return what marks a stack, and all that it makes, as this project's."""
    return {"project": config.project, "stage": config.stage}


def find(ref: Ref) -> State | None:
    """Return how the stack stands; None where there is none. Raises AwsRefused."""
    try:
        with explained(f"Reading the stack {ref.name} in {ref.region}"):
            answer = ref.client.describe_stacks(StackName=ref.name)
    except AwsRefused as problem:
        if problem.code == "ValidationError" and "does not exist" in str(problem):
            return None
        raise
    return of(ref, answer["Stacks"][0])


def of(ref: Ref, stack: Mapping[str, Any]) -> State:
    """Read an entry of DescribeStacks."""
    return State(
        ref=ref,
        id=stack["StackId"],
        status=stack["StackStatus"],
        outputs={entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", ())},
        parameters={entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in stack.get("Parameters", ())},
        tags={entry["Key"]: entry["Value"] for entry in stack.get("Tags", ())},
        protected=bool(stack.get("EnableTerminationProtection")),
    )


def require_ours(state: State, config: StackConfig) -> None:
    """Raise StackRefused where the stack was made by something else under the same name."""
    if any(state.tags.get(key) != value for key, value in tags(config).items()):
        raise StackRefused(
            f"There is a stack {state.ref.name} in {state.ref.region} that this project has not made (it has not the "
            f"tags project={config.project} and stage={config.stage}). Choose another project in "
            "[tool.serverless.stack], or remove that stack."
        )


def require_ready(state: State, config: StackConfig) -> None:
    """Raise StackUnfinished, with the next command, unless the stack can be read and changed."""
    name, region, status = state.ref.name, state.ref.region, state.status
    if status in _READY:
        return
    if status in NEVER_FINISHED:
        raise StackUnfinished(
            f"The stack {name} was begun and never finished ({status}); nothing in it is in use. Remove what is left "
            f"of it with {command(config, 'destroy --remains')}, then begin again."
        )
    if status in _STUCK:
        raise StackUnfinished(
            f"The stack {name} is stuck between two versions ({status}). See why in its events, then let it go back: "
            f"`aws cloudformation continue-update-rollback --stack-name {name} --region {region}`."
        )
    if status == "DELETE_FAILED":
        raise StackUnfinished(
            f"The stack {name} could not be deleted as a whole ({status}). Try again: "
            f"{command(config, f'destroy --yes-destroy {config.prefix}')}."
        )
    raise StackUnfinished(
        f"Somebody else is at it: the stack {name} is {status}. Wait until "
        f"`aws cloudformation describe-stacks --stack-name {name} --region {region}` shows an end, then run this again."
    )
