"""CloudFormation by moto, in this process, with what it lacks added: for tests only.

moto makes a stack's resources at once, tells nothing but the stack's own events, gives no outputs after a change set,
no replacements in one, and knows no termination protection. It is in this process, so that a test can put a stack into
any state that AWS knows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.cloudformation.models import ChangeSet, Event, Stack, cloudformation_backends
from moto.cloudformation.parsing import OutputMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import BaseResponse, EmptyResult
from moto.server import ThreadedMotoServer

ACCOUNT = "123456789012"
# Properties whose change replaces the resource.
REPLACING = {"BucketName", "QueueName", "TopicName"}


@dataclass(slots=True)
class Cloud:
    endpoint: str
    refusals: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By action: what the next calls are refused with, one each."""
    calls: list[str] = field(default_factory=list)
    failing: dict[str, str] = field(default_factory=dict)
    """By stack: the logical id whose making fails next time, with a reason."""
    staying: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """By stack: the logical id, type and physical id of what a rollback cannot remove."""

    def stack(self, name: str, region: str = "eu-central-1") -> Any:
        """Return moto's own object of a stack."""
        return cloudformation_backends[ACCOUNT][region].get_stack(name)

    def names(self, region: str = "eu-central-1") -> list[str]:
        return [stack.name for stack in cloudformation_backends[ACCOUNT][region].stacks.values()]

    def change_sets(self, region: str = "eu-central-1") -> list[str]:
        """Return the names of change sets that nobody has executed or removed."""
        there = cloudformation_backends[ACCOUNT][region].change_sets.values()
        return [each.change_set_name for each in there if each.execution_status == "AVAILABLE"]

    def refuse(self, action: str, code: str, *, message: str = "no", times: int = 1) -> None:
        self.refusals.setdefault(action, []).extend([(code, message)] * times)


def serve(patch: pytest.MonkeyPatch) -> tuple[Cloud, ThreadedMotoServer]:
    """Start moto on a port of its own, with what it lacks."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    cloud = Cloud(f"http://{host}:{port}")
    _refusing(cloud, patch)
    _protecting(patch)
    _comparing(patch)
    _finishing(cloud, patch)
    return cloud, server


def _refusing(cloud: Cloud, patch: pytest.MonkeyPatch) -> None:
    original = BaseResponse.call_action

    def call_action(self: Any) -> Any:
        action = self._get_action()
        cloud.calls.append(action)
        if not (waiting := cloud.refusals.get(action)):
            return original(self)
        code, message = waiting.pop(0)
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return 400, {"status": "400"}, body

    patch.setattr(BaseResponse, "call_action", call_action)


def _protecting(patch: pytest.MonkeyPatch) -> None:
    def update_termination_protection(self: Any) -> Any:
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        stack.enable_termination_protection = bool(self._get_param("EnableTerminationProtection"))
        return EmptyResult()

    patch.setattr(CloudFormationResponse, "update_termination_protection", update_termination_protection, raising=False)


def _comparing(patch: pytest.MonkeyPatch) -> None:
    original = ChangeSet.diff

    def diff(self: Any) -> list[Any]:
        changes = original(self)
        for change in changes:
            if change.action == "Modify":
                _detail(change, self.stack.template_dict, self.template_dict)
        return changes

    patch.setattr(ChangeSet, "diff", diff)


def _detail(change: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    old, new = (entry["Resources"][change.logical_resource_id].get("Properties", {}) for entry in (before, after))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    change.replacement = "True" if REPLACING & set(changed) else "False"
    change.details = [{"Target": {"Attribute": "Properties", "Name": key}} for key in changed]


def _finishing(cloud: Cloud, patch: pytest.MonkeyPatch) -> None:
    """Give each resource its events, stacks their outputs, and let stacks fail."""
    create, apply, update, delete = Stack.create_resources, ChangeSet.apply, Stack.update, Stack.delete

    def create_resources(self: Any) -> None:
        if _fails(self, cloud, "CREATE_FAILED", "ROLLBACK_COMPLETE"):
            return
        _events(self, "CREATE")
        create(self)
        self.parameters = dict(self.resource_map.resolved_parameters)  # with defaults, as CloudFormation keeps them

    def applied(self: Any) -> None:
        stack = self.stack
        if _fails(stack, cloud, "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"):
            return
        _events(stack, "UPDATE")
        apply(self)
        stack.parameters, stack.template_dict = dict(stack.resource_map.resolved_parameters), self.template_dict
        stack.output_map = OutputMap(stack.resource_map, stack.template_dict, stack.stack_id)

    def updated(self: Any, *args: Any, **options: Any) -> None:
        if not _fails(self, cloud, "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"):
            update(self, *args, **options)

    def deleted(self: Any) -> None:
        _events(self, "DELETE")
        delete(self)

    patch.setattr(Stack, "create_resources", create_resources)
    patch.setattr(ChangeSet, "apply", applied)
    patch.setattr(Stack, "update", updated)
    patch.setattr(Stack, "delete", deleted)


def _events(stack: Any, verb: str) -> None:
    for name, resource in stack.template_dict.get("Resources", {}).items():
        for step in ("IN_PROGRESS", "COMPLETE"):
            stack.events.append(event(stack, name, resource["Type"], f"{verb}_{step}"))


def _fails(stack: Any, cloud: Cloud, failed: str, ended: str) -> bool:
    if not (failing := cloud.failing.pop(stack.name, "")):
        return False
    name, _, reason = failing.partition("|")
    kind = stack.template_dict["Resources"][name]["Type"]
    stack.events.append(event(stack, name, kind, failed, reason=reason))
    stack.events.append(event(stack, "Another", "AWS::SNS::Topic", failed, reason="Resource creation cancelled"))
    if stays := cloud.staying.pop(stack.name, None):
        name, kind, there = stays
        stack.events.append(
            event(stack, name, kind, "DELETE_FAILED", reason="Cannot delete protected", physical_id=there)
        )
        ended = "ROLLBACK_FAILED" if ended == "ROLLBACK_COMPLETE" else ended
    stack.status = ended
    stack.events.append(event(stack, stack.name, "AWS::CloudFormation::Stack", ended, physical_id=stack.stack_id))
    return True


def event(stack: Any, name: str, kind: str, status: str, *, reason: str = "", physical_id: str = "") -> Event:
    return Event(stack.stack_id, stack.name, name, physical_id or name.lower(), kind, status, reason, None)


def template(resources: Mapping[str, Any], outputs: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """Return a template whose outputs are given as values."""
    values = {str(key): {"Value": value} for key, value in outputs.items()}
    return json.loads(json.dumps({"Resources": resources, "Outputs": values, **rest}))  # type: ignore[no-any-return]
