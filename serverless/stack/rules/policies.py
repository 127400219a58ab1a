"""The statements of every policy document in a template, in one shape whatever holds them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from serverless.stack.rules.view import Resource, View, listed, text

__all__ = ["Statement", "by_role", "statements"]

type Holder = Literal["identity", "trust", "resource", "endpoint", "key"]
"""``identity``: what a role may do. ``trust``: who may become it. The others: who may use what holds the policy."""

_DOCUMENTS: Final[Mapping[str, tuple[str, Holder]]] = {
    "AWS::IAM::Policy": ("PolicyDocument", "identity"),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument", "identity"),
    "AWS::IAM::Role": ("AssumeRolePolicyDocument", "trust"),
    "AWS::S3::BucketPolicy": ("PolicyDocument", "resource"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "resource"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "resource"),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "resource"),
    "AWS::EC2::VPCEndpoint": ("PolicyDocument", "endpoint"),
    "AWS::KMS::Key": ("KeyPolicy", "key"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    holder: Resource
    kind: Holder
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    """``*``, or ``Service:lambda.amazonaws.com`` and the like."""
    conditions: Mapping[str, Mapping[str, Any]]
    """Operator -> key in small letters -> value or values."""

    @property
    def keys(self) -> frozenset[str]:
        """The condition keys, in small letters."""
        return frozenset(key for table in self.conditions.values() for key in table)


def statements(view: View, *kinds: Holder) -> Iterator[Statement]:
    """Yield the statements of every document of the kinds."""
    for resource in view.all():
        for kind, document in _documents(resource):
            if not kinds or kind in kinds:
                for raw in listed(document.get("Statement")):
                    yield _statement(resource, kind, raw)


def by_role(view: View, role: str) -> list[Statement]:
    """Return what the role ``role`` (its logical id) may do: its own policies and those that name it."""
    found = []
    for statement in statements(view, "identity"):
        holder = statement.holder
        attached = [text(one) for one in listed(holder.properties.get("Roles"))]
        if holder.name == role or f"${{{role}}}" in attached:
            found.append(statement)
    return found


def _documents(resource: Resource) -> Iterator[tuple[Holder, Mapping[str, Any]]]:
    if resource.type in _DOCUMENTS:
        key, kind = _DOCUMENTS[resource.type]
        if isinstance(document := resource.properties.get(key), Mapping):
            yield kind, document
    if resource.type == "AWS::IAM::Role":
        for policy in resource.properties.get("Policies", []):
            yield "identity", policy["PolicyDocument"]


def _statement(holder: Resource, kind: Holder, raw: Mapping[str, Any]) -> Statement:
    conditions = raw.get("Condition", {})
    lowered = {op: {key.lower(): value for key, value in table.items()} for op, table in conditions.items()}
    return Statement(
        holder=holder,
        kind=kind,
        allows=raw["Effect"] == "Allow",
        actions=tuple(listed(raw.get("Action"))) + tuple(f"not {action}" for action in listed(raw.get("NotAction"))),
        resources=tuple(text(one) for one in listed(raw.get("Resource")))
        + tuple(f"not {text(one)}" for one in listed(raw.get("NotResource"))),
        principals=tuple(_principals(raw.get("Principal"))),
        conditions=lowered,
    )


def _principals(raw: Any) -> Iterator[str]:
    if isinstance(raw, Mapping) and not any(key.startswith("Fn::") or key == "Ref" for key in raw):
        for kind, whom in raw.items():
            for one in listed(whom):
                yield "*" if one == "*" else f"{kind}:{text(one)}"
    elif raw is not None:
        yield text(raw)
