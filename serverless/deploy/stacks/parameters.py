"""Changing parameters of a stack whose template stays as it is: what releases and maintenance do."""

from collections.abc import Callable, Mapping

from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks.apply import why
from serverless.deploy.stacks.changes import CAPABILITIES, nothing_new
from serverless.deploy.stacks.exceptions import StackFailed
from serverless.deploy.stacks.outputs import ready
from serverless.deploy.stacks.parts import Part
from serverless.deploy.stacks.watch import Terminal, follow, last_event
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeParameter, HomeParameter

__all__ = ["functions_live", "set_parameters"]


def functions_live(config: StackConfig, *, log: Callable[[str], None], pause_s: float = 5.0) -> None:
    """Have home make what needs the functions to exist: event source mappings and schedule. Does nothing twice."""
    set_parameters(config, "home", {HomeParameter.FUNCTIONS_LIVE: "yes"}, log=log, pause_s=pause_s)


def set_parameters(
    config: StackConfig,
    part: Part,
    values: Mapping[HomeParameter, str] | Mapping[EdgeParameter, str],
    *,
    log: Callable[[str], None],
    pause_s: float = 5.0,
) -> None:
    """Set parameters of one stack, keep all others, and wait. Does nothing where they are set so already.

    Raises StackMissing and StackUnfinished before, StackFailed after: the stack is then as it was.
    """
    state = ready(config, part)
    if not values.items() - state.parameters.items():
        return
    cloud, name, newest = state.ref.client, state.ref.name, last_event(state.ref, state.id)
    kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in state.parameters if key not in values]
    given = [{"ParameterKey": str(key), "ParameterValue": value} for key, value in values.items()]
    try:
        with explained(f"Updating the stack {name}"):
            cloud.update_stack(
                StackName=name, UsePreviousTemplate=True, Parameters=kept + given, Capabilities=CAPABILITIES
            )
    except AwsRefused as problem:
        if nothing_new(str(problem)):
            return
        raise
    result = follow(state.ref, state.id, after=newest, terminal=Terminal(log=log, ask=lambda _: False, pause_s=pause_s))
    if result.status != "UPDATE_COMPLETE":
        raise StackFailed(f"{name}: {why(result)} It ended as {result.status}; run the same command again.")
