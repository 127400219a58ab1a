"""What a change of a stack would do, read from CloudFormation's change sets and from templates. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

import textwrap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from serverless.deploy.stacks.conditions import made
from serverless.deploy.stacks.parts import Ref, Template

__all__ = ["BEARING", "STATEFUL", "Change", "Plan", "Verb", "refusals", "text", "to_make", "to_update"]

type Verb = Literal["added", "changed", "replaced", "removed"]

# What holds something that no template brings back.
STATEFUL: Final = frozenset(
    {
        *("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster"),
        *("AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ServerlessCache"),
        *("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SecretsManager::Secret", "AWS::KMS::Key"),
        *("AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::OpenSearchService::Domain"),
    }
)
# What that stands in: replaced, it takes the database along, or the update ends half way.
BEARING: Final = frozenset({"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::RDS::DBSubnetGroup"})
_WIDTH: Final = 118
_MARKS: Final[Mapping[Verb, str]] = {"added": "+", "changed": "~", "replaced": "±", "removed": "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    verb: Verb
    kind: str
    """``AWS::S3::Bucket``"""
    name: str
    """The logical id in the template."""
    properties: tuple[str, ...] = ()
    """What changes: ``AllocatedStorage 20 -> 40``, or the name alone. Values are those of templates: no secrets."""
    perhaps: bool = False
    """Whether only the update itself tells if a replacement is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    ref: Ref
    changes: tuple[Change, ...]
    new: bool = False
    """Whether the stack is not there yet."""
    pending: bool = True
    """Whether there is anything to do at all: outputs may change without a resource that does."""


def to_make(ref: Ref, template: Template, *, parameters: Mapping[str, str]) -> Plan:
    """Return the plan for a stack that is not there: everything is added, but what a condition leaves out."""
    resources = made(template, parameters)
    changes = (Change(verb="added", kind=resource["Type"], name=name) for name, resource in resources.items())
    return Plan(ref=ref, changes=tuple(changes), new=True)


def to_update(ref: Ref, changes: Iterable[Mapping[str, Any]], *, before: Template, after: Template) -> Plan:
    """Return the plan of a change set: its ``Changes``, and the templates that it goes from and to."""
    found = [_change(change["ResourceChange"], before=before, after=after) for change in changes]
    return Plan(ref=ref, changes=tuple(found))


def _change(change: Mapping[str, Any], *, before: Template, after: Template) -> Change:
    name, replacement = change["LogicalResourceId"], change.get("Replacement", "False")
    verbs: dict[str, Verb] = {"Add": "added", "Import": "added", "Remove": "removed", "Dynamic": "replaced"}
    verb: Verb = verbs.get(change["Action"], "changed")
    if verb == "changed" and replacement in {"True", "Conditional"}:
        verb = "replaced"
    old, new = (template.get("Resources", {}).get(name, {}) for template in (before, after))
    return Change(
        verb=verb,
        kind=change["ResourceType"],
        name=name,
        properties=_properties(change, old, new) if verb in {"changed", "replaced"} else (),
        perhaps=change["Action"] == "Dynamic" or replacement == "Conditional",
    )


def _properties(change: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what changes, each property once; where CloudFormation does not say, what differs between templates."""
    was, becomes = old.get("Properties", {}), new.get("Properties", {})
    targets = [detail.get("Target", {}) for detail in change.get("Details", ())]
    names = [target.get("Name") or target.get("Attribute", "") for target in targets]
    if not any(names):
        names = sorted(key for key in was.keys() | becomes.keys() if was.get(key) != becomes.get(key))
    return tuple(_values(name, was.get(name), becomes.get(name)) for name in dict.fromkeys(names) if name)


def _values(name: str, was: object, becomes: object) -> str:
    plain = str | int | float | bool
    if was != becomes and isinstance(was, plain) and isinstance(becomes, plain):
        return f"{name} {was} -> {becomes}"
    return name


def refusals(plan: Plan, *, named: Collection[str]) -> list[Change]:
    """Return what would lose data, and is not ``named`` as meant: replaced or removed, it or what it stands in."""
    return [
        change
        for change in plan.changes
        if change.verb in {"replaced", "removed"} and change.kind in STATEFUL | BEARING and change.name not in named
    ]


def text(plan: Plan) -> str:
    """Return the plan for people: what is done to how many, by kind; names and properties where something changes."""
    lines = [f"{plan.ref.name} in {plan.ref.region}: {_summary(plan)}"]
    for verb, mark in _MARKS.items():
        changes = [change for change in plan.changes if change.verb == verb]
        for kind in sorted({change.kind for change in changes}):
            lines += _of_kind(mark, kind, [change for change in changes if change.kind == kind])
    return "\n".join(lines)


def _summary(plan: Plan) -> str:
    counts = {verb: sum(change.verb == verb for change in plan.changes) for verb in _MARKS}
    said = ", ".join(f"{count} {verb}" for verb, count in counts.items() if count)
    if plan.new:
        return f"new, {said}"
    if not plan.pending:
        return "nothing to change"
    return said or "no resource changes, but outputs or parameters do"


def _of_kind(mark: str, kind: str, changes: list[Change]) -> list[str]:
    if mark == "+":
        names = ", ".join(change.name for change in changes)
        return textwrap.wrap(f"{mark} {kind}: {names}", _WIDTH, initial_indent="  ", subsequent_indent="      ")
    return [f"  {mark} {kind}: {change.name}{_what(change)}" for change in changes]


def _what(change: Change) -> str:
    said = f" ({', '.join(change.properties)})" if change.properties else ""
    loses = change.kind in STATEFUL | BEARING and change.verb in {"replaced", "removed"}
    return f"{said}{', perhaps' if change.perhaps else ''}{' - holds data' if loses else ''}"
