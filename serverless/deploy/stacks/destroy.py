"""``stack destroy``: edge, the functions, home; and releases only where that is asked for."""

import time
from collections.abc import Iterable
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks import state as states
from serverless.deploy.stacks.apply import why
from serverless.deploy.stacks.changes import template_of
from serverless.deploy.stacks.exceptions import StackFailed, StackRefused, StackUnfinished
from serverless.deploy.stacks.functions import delete_functions, wait_for_interfaces
from serverless.deploy.stacks.identity import identify
from serverless.deploy.stacks.parts import PARTS, Part, ref
from serverless.deploy.stacks.state import NEVER_FINISHED, State
from serverless.deploy.stacks.watch import Terminal, follow, last_event
from serverless.stack.config import StackConfig

__all__ = ["destroy", "remove_remains"]

# What S3 deletes with one call. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_AT_ONCE: Final = 1000
_NO_DATABASE: Final = {"DBInstanceNotFound", "DBInstanceNotFoundFault"}


def destroy(config: StackConfig, *, named: str, releases: bool, terminal: Terminal) -> None:
    """Delete the stacks of a stage and all that is not retained, and log what remains.

    Raises StackRefused unless ``named`` is the stage's prefix, and where the stage is protected.
    """
    found = {part: states.find(ref(config, part)) for part in PARTS}
    _permit(config, found.values(), named)
    terminal.log(f"Account {identify(config.region).account}: destroying {config.prefix}")
    parts: tuple[Part, ...] = ("edge", "home", "releases") if releases else ("edge", "home")
    remains: list[str] = []
    for part in parts:
        if part == "home":  # their network interfaces are in home's subnets, which would wait for them
            delete_functions(config, terminal)
            wait_for_interfaces(config, found["home"], terminal)
        if (state := found[part]) is not None:
            remains += _kept(state)
            _empty_buckets(state, terminal)
            _delete(state, config, terminal)
    if found["releases"] is not None and not releases:
        remains.append(f"{found['releases'].ref.name}, the stack of the release bucket (`--releases` removes it, too)")
    said = "".join(f"\n  {line}" for line in remains)
    terminal.log(f"{config.prefix} is gone. What remains, and costs:{said}" if said else f"{config.prefix} is gone.")


def remove_remains(config: StackConfig, *, terminal: Terminal) -> None:
    """Delete the stacks of a stage that were begun and never finished; nothing in them is in use.

    That goes for a database that a protected stage had begun with: RDS refuses to delete it until it is told otherwise.
    """
    found = [state for part in PARTS if (state := states.find(ref(config, part))) and state.status in NEVER_FINISHED]
    for state in reversed(found):
        states.require_ours(state, config)
        _release_databases(state, terminal)
        _delete(state, config, terminal)
    if not found:
        terminal.log(f"No stack of {config.prefix} was left unfinished.")


def _permit(config: StackConfig, found: Iterable[State | None], named: str) -> None:
    again = states.command(config, f"destroy --yes-destroy {config.prefix}")
    if named != config.prefix:
        raise StackRefused(f"Nothing was destroyed. To destroy all of {config.prefix}, name it: {again}.")
    there = [state for state in found if state is not None]
    if config.protected or any(state.protected for state in there):
        raise StackRefused(
            f"{config.prefix} is protected, and nothing was destroyed. Set protected = false in "
            f"[tool.serverless.stack.stages.{config.stage}], run {states.command(config, 'deploy')}, then {again}."
        )
    for state in there:
        states.require_ours(state, config)
        if state.status.endswith("_IN_PROGRESS") and state.status not in NEVER_FINISHED:
            raise StackUnfinished(
                f"The stack {state.ref.name} is {state.status}. Wait until it has ended, then {again}."
            )


def _kept(state: State) -> list[str]:
    """Name what CloudFormation leaves when it deletes the stack: by the template that the stack was made from."""
    if state.status == "REVIEW_IN_PROGRESS":
        return []
    name = state.ref.name
    with explained(f"Reading what the stack {name} is made of"):
        policies = {key: entry.get("DeletionPolicy", "") for key, entry in template_of(state)["Resources"].items()}
        there = _resources(state)
    said = {
        "Retain": "{kind} {id}, retained",
        "RetainExceptOnCreate": "{kind} {id}, retained",
        "Snapshot": "a snapshot of {kind} {id}",
    }
    return [
        said[policies[entry["LogicalResourceId"]]].format(kind=entry["ResourceType"], id=entry["PhysicalResourceId"])
        for entry in there
        if policies.get(entry["LogicalResourceId"]) in said
    ]


def _resources(state: State) -> list[dict[str, Any]]:
    pages = state.ref.client.get_paginator("list_stack_resources").paginate(StackName=state.ref.name)
    return [
        entry
        for page in pages
        for entry in page["StackResourceSummaries"]
        if entry.get("PhysicalResourceId") and entry["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def _empty_buckets(state: State, terminal: Terminal) -> None:
    """Delete every object of the stack's own buckets: CloudFormation deletes no bucket that holds any."""
    if state.status == "REVIEW_IN_PROGRESS":
        return
    with explained(f"Reading what the stack {state.ref.name} is made of"):
        resources = template_of(state)["Resources"]
        buckets = [entry for entry in _resources(state) if entry["ResourceType"] == "AWS::S3::Bucket"]
    for entry in buckets:
        if resources.get(entry["LogicalResourceId"], {}).get("DeletionPolicy", "Delete") == "Delete":
            bucket = entry["PhysicalResourceId"]
            with explained(f"Emptying the bucket {bucket}"):
                count = _empty(bucket, region=state.ref.region)
            terminal.log(f"{bucket}: {count:,} objects deleted")


def _empty(bucket: str, *, region: str) -> int:
    s3, count = aws.client("s3", region=region), 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, MaxKeys=_AT_ONCE):
        entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
        objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        count += len(objects)
    return count


def _release_databases(state: State, terminal: Terminal) -> None:
    if state.status == "REVIEW_IN_PROGRESS":
        return
    with explained(f"Reading what is left of the stack {state.ref.name}"):
        there = [entry for entry in _resources(state) if entry["ResourceType"] == "AWS::RDS::DBInstance"]
    cloud = aws.client("rds", region=state.ref.region)
    for entry in there:
        name = entry["PhysicalResourceId"]
        try:
            with explained(f"Taking the deletion protection from the database {name}"):
                cloud.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
        except AwsRefused as problem:
            if problem.code not in _NO_DATABASE:
                raise
        else:
            terminal.log(f"{name}: may be deleted, since its stack was never finished")


def _delete(state: State, config: StackConfig, terminal: Terminal) -> None:
    name, begun = state.ref.name, time.monotonic()
    newest = last_event(state.ref, state.id)
    terminal.log(f"{name}: deleting it")
    with explained(f"Deleting the stack {name}"):
        state.ref.client.delete_stack(StackName=state.id)
    if state.status != "REVIEW_IN_PROGRESS":  # nothing was ever made of it, and it is gone at once
        result = follow(state.ref, state.id, after=newest, terminal=terminal)
        if result.status != "DELETE_COMPLETE":
            again = states.command(config, f"destroy --yes-destroy {config.prefix}")
            raise StackFailed(f"{name} is not deleted as a whole: {why(result)} Then run {again} again.")
    terminal.log(f"{name}: gone after {time.monotonic() - begun:.0f} s")
