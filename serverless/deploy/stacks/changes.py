"""Change sets: asking CloudFormation what an update of a stack would do, before it does it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

import json
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks import plan
from serverless.deploy.stacks.exceptions import StackRefused
from serverless.deploy.stacks.parts import Ref, Template
from serverless.deploy.stacks.plan import Plan
from serverless.deploy.stacks.state import State

__all__ = ["CAPABILITIES", "Source", "discard", "inputs", "nothing_new", "propose", "template_of"]

# Roles have names of their own, so that functions and people can name them.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
CAPABILITIES: Final = ["CAPABILITY_NAMED_IAM"]
_PAUSE_S: Final = 1.0
# A change set of a hundred resources takes 10 to 30 s.
_PATIENCE_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a stack is to become: its template, how that travels, and the parameters that are known."""

    ref: Ref
    template: Template
    travels: Mapping[str, str]
    """``TemplateBody`` or ``TemplateURL``"""
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def inputs(source: Source, state: State | None) -> dict[str, Any]:
    """Return what CreateStack and CreateChangeSet have in common.

    A parameter that is not among ``source.parameters`` keeps the value that it has: it was set by a release, by
    maintenance or by hand.
    """
    known = [{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(source.parameters.items())]
    declared = source.template.get("Parameters", {})
    there = state.parameters if state else {}
    kept = [
        {"ParameterKey": key, "UsePreviousValue": True} for key in declared if key in there.keys() - source.parameters
    ]
    return {
        "StackName": source.ref.name,
        **source.travels,
        "Parameters": [entry for entry in known if entry["ParameterKey"] in declared] + kept,
        "Capabilities": CAPABILITIES,
        "Tags": [{"Key": key, "Value": value} for key, value in source.tags.items()],
    }


def propose(source: Source, state: State) -> tuple[Plan, str]:
    """Return what updating the stack would do, and the change set that does it; "" where there is nothing to do.

    Raises AwsRefused, and StackRefused where CloudFormation finds fault with the template.
    """
    cloud, ref = source.ref.client, source.ref
    name = f"plan-{secrets.token_hex(6)}"
    try:
        with explained(f"Comparing the stack {ref.name} with its template"):
            made = cloud.create_change_set(ChangeSetName=name, ChangeSetType="UPDATE", **inputs(source, state))["Id"]
            before, answer = _compared(cloud, made, state)
    except AwsRefused as problem:
        if nothing_new(str(problem)):
            return Plan(ref=ref, changes=(), pending=False), ""
        raise
    if answer["Status"] == "FAILED":
        discard(ref, made)
        if nothing_new(answer.get("StatusReason", "")):
            return Plan(ref=ref, changes=(), pending=False), ""
        raise StackRefused(
            f"CloudFormation does not take the template of {ref.name}: {answer.get('StatusReason', 'no reason given')}"
        )
    return plan.to_update(ref, answer["Changes"], before=before, after=source.template), made


def _compared(cloud: Any, change_set: str, state: State) -> tuple[Template, dict[str, Any]]:
    """Return the template that is there and the change set, once it is made; one that is not waited for is removed."""
    try:
        return template_of(state), _wait(cloud, change_set, state.ref)
    except BaseException:
        discard(state.ref, change_set)
        raise


def nothing_new(reason: str) -> bool:
    """Whether CloudFormation refuses for the one good reason; it has two sentences for it, and no code."""
    return "didn't contain changes" in reason or "No updates are to be performed" in reason


def discard(ref: Ref, change_set: str) -> None:
    """Remove a change set that nobody will execute. One that stays costs nothing, and goes with the next update."""
    if change_set:
        with suppress(AwsRefused), explained(f"Removing a plan of the stack {ref.name}"):
            ref.client.delete_change_set(ChangeSetName=change_set, StackName=ref.name)


def _wait(cloud: Any, change_set: str, ref: Ref) -> dict[str, Any]:
    """Return the change set with all its pages, once it is made."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        answer = cloud.describe_change_set(ChangeSetName=change_set, StackName=ref.name)
        if answer["Status"] not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            break
        if time.monotonic() > end:
            raise StackRefused(
                f"CloudFormation has not compared {ref.name} with its template in {_PATIENCE_S:.0f} s. Try again."
            )
        time.sleep(_PAUSE_S)
    changes, token = list(answer.get("Changes") or ()), answer.get("NextToken")
    while token:
        page = cloud.describe_change_set(ChangeSetName=change_set, StackName=ref.name, NextToken=token)
        changes += page.get("Changes") or ()
        token = page.get("NextToken")
    return {**answer, "Changes": changes}


def template_of(state: State) -> Template:
    """Return the template that a stack was made from. botocore parses JSON already; text is what moto sends."""
    body = state.ref.client.get_template(StackName=state.ref.name, TemplateStage="Original")["TemplateBody"]
    return json.loads(body) if isinstance(body, str) else dict(body)
