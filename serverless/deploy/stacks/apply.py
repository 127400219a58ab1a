"""Making a stack what its template says, and watching until it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks import state as states
from serverless.deploy.stacks.changes import Source, inputs
from serverless.deploy.stacks.exceptions import StackFailed, StackUnfinished
from serverless.deploy.stacks.parts import Ref
from serverless.deploy.stacks.state import State
from serverless.deploy.stacks.watch import Event, Result, Terminal, follow, last_event
from serverless.stack.config import StackConfig

__all__ = ["create", "execute", "protect", "why"]

# A bucket that is kept when its stack goes is not kept when its stack never came to be: the next try would meet it.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_NEW_ONES_GO: Final = {"RetainExceptOnCreate": True}

# A change set goes with the next update of its stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
_OVERTAKEN: Final = {"ChangeSetNotFound", "InvalidChangeSetStatus", "AlreadyExistsException"}

type Heard = Callable[[Event], None]


def _quiet(_: Event) -> None: ...


def create(source: Source, config: StackConfig, *, terminal: Terminal, heard: Heard = _quiet) -> State:
    """Make a stack that is not there. Raises StackFailed with the first reason."""
    ref, begun = source.ref, time.monotonic()
    with _alone(ref), explained(f"Making the stack {ref.name}"):
        made = ref.client.create_stack(**inputs(source, None), **_NEW_ONES_GO)["StackId"]
    result = follow(ref, made, after="", terminal=terminal, on_event=heard)
    _require(result, ref, config, wanted="CREATE_COMPLETE")
    return _made(ref, begun, terminal)


def execute(change_set: str, state: State, config: StackConfig, *, terminal: Terminal, heard: Heard = _quiet) -> State:
    """Do what a change set says. Raises StackFailed with the first reason."""
    ref, begun, newest = state.ref, time.monotonic(), last_event(state.ref, state.id)
    with _alone(ref), explained(f"Updating the stack {ref.name}"):
        ref.client.execute_change_set(ChangeSetName=change_set, StackName=ref.name, **_NEW_ONES_GO)
    result = follow(ref, state.id, after=newest, terminal=terminal, on_event=heard)
    _require(result, ref, config, wanted="UPDATE_COMPLETE")
    return _made(ref, begun, terminal)


@contextmanager
def _alone(ref: Ref) -> Iterator[None]:
    """Raise StackUnfinished where somebody else has begun something since the plan was made."""
    try:
        yield
    except AwsRefused as problem:
        if problem.code in _OVERTAKEN:
            raise StackUnfinished(
                f"Somebody else has changed the stack {ref.name} since the plan was made. Nothing was changed here. "
                "When they are done, run the same command again: it makes a plan anew."
            ) from problem
        raise


def _require(result: Result, ref: Ref, config: StackConfig, *, wanted: str) -> None:
    if result.status != wanted:
        raise StackFailed(f"{ref.name}: {why(result)} {_left(result, ref, config)}")


def _made(ref: Ref, begun: float, terminal: Terminal) -> State:
    state = states.find(ref)
    if state is None:
        raise StackFailed(
            f"The stack {ref.name} is gone again: somebody else has deleted it. Run the same command again."
        )
    terminal.log(f"{ref.name}: done in {time.monotonic() - begun:.0f} s")
    return state


def why(result: Result) -> str:
    """Return what failed first, and what to do where the reason is a well-known one."""
    event = result.failure
    if event is None:
        return f"it ended as {result.status}, without a reason."
    said = f"{event.name} ({event.kind}) failed first: {event.reason.strip().rstrip('.')}."
    if "already exist" in event.reason.lower() or "AlreadyExists" in event.reason:
        shared = " Names of S3 buckets are shared by all accounts of the world." if "::S3::" in event.kind else ""
        return f"{said} That name is taken.{shared} Remove the other one, or choose another project in pyproject.toml."
    return said


def _left(result: Result, ref: Ref, config: StackConfig) -> str:
    status = result.status
    if status == "UPDATE_ROLLBACK_COMPLETE":
        again = states.command(config, "deploy")
        left = _in_the_way(result, ref)
        return f"Everything in it is as it was before. Correct the reason, then run {again} again.{left}"
    if status in states.NEVER_FINISHED:
        what = "Not all of what had been made" if status == "ROLLBACK_FAILED" else "What had been made"
        return (
            f"{what} is removed again ({status}). Correct the reason, remove the rest with "
            f"{states.command(config, 'destroy --remains')}, then begin again."
        )
    return (
        f"It ended as {status}. See its events: `aws cloudformation describe-stack-events --stack-name {ref.name} "
        f"--region {ref.region}`, then let it go back: `aws cloudformation continue-update-rollback --stack-name "
        f"{ref.name} --region {ref.region}`."
    )


def _in_the_way(result: Result, ref: Ref) -> str:
    """Name what the failed update had made and could not remove: nothing knows of it, and it may have a name."""
    said = "".join(f"\n  {event.kind} {event.physical_id}: {event.reason}" for event in result.kept)
    databases = [event.physical_id for event in result.kept if event.kind == "AWS::RDS::DBInstance"]
    lines = [
        f"\n`aws rds modify-db-instance --db-instance-identifier {name} --no-deletion-protection --apply-immediately "
        f"--region {ref.region}` lets the database be deleted."
        for name in databases
    ]
    return f" Beforehand remove what was new and could not be removed:{said}{''.join(lines)}" if said else ""


def protect(state: State, *, protected: bool, terminal: Terminal) -> None:
    """Have CloudFormation refuse, or allow, that the stack is deleted; it is asked only where that changes."""
    if state.protected == protected:
        return
    try:
        with explained(f"Setting the termination protection of {state.ref.name}"):
            state.ref.client.update_termination_protection(
                EnableTerminationProtection=protected, StackName=state.ref.name
            )
    except AwsRefused as problem:
        raise StackFailed(f"The stack is made, but {problem}") from problem
    terminal.log(f"{state.ref.name}: termination protection is {'on' if protected else 'off'}")
