"""Encrypted where it lies and where it travels."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from serverless.stack.rules.policies import Statement, statements
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import Resource, View, listed, names_of, text

__all__ = ["RULES"]

type _Properties = Mapping[str, Any]

_DOCS: Final = "https://docs.aws.amazon.com"
_ENCRYPTED: Final[Mapping[str, Callable[[_Properties], object]]] = {
    "AWS::S3::Bucket": lambda has: has.get("BucketEncryption"),
    "AWS::SQS::Queue": lambda has: has.get("SqsManagedSseEnabled") is True or has.get("KmsMasterKeyId"),
    "AWS::SNS::Topic": lambda has: has.get("KmsMasterKeyId"),
    "AWS::RDS::DBInstance": lambda has: has.get("StorageEncrypted") is True or "SourceDBInstanceIdentifier" in has,
    "AWS::RDS::DBCluster": lambda has: has.get("StorageEncrypted") is True,
    "AWS::ElastiCache::ReplicationGroup": lambda has: has.get("AtRestEncryptionEnabled") is True,
}
_IN_TRANSIT: Final[Mapping[str, Callable[[_Properties], object]]] = {
    "AWS::RDS::DBProxy": lambda has: has.get("RequireTLS") is True,
    "AWS::RDS::DBParameterGroup": lambda has: str(has.get("Parameters", {}).get("rds.force_ssl")) == "1",
    "AWS::ElastiCache::ReplicationGroup": lambda has: (
        has.get("TransitEncryptionEnabled") is True and has.get("TransitEncryptionMode", "required") == "required"
    ),
    # It has no switch: such a cluster takes passwords and keys in the clear.
    "AWS::ElastiCache::CacheCluster": lambda has: has.get("TransitEncryptionEnabled") is True,
}
# The type of a policy -> the property that lists what it is of, the type that needs one, and an action wide enough.
# Topics take no sns:* in a Deny that AWS's own example makes of sns:Publish.
_TLS_ONLY: Final = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket", "s3:*"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
}


def _at_rest(view: View) -> Iterator[tuple[str, str]]:
    for resource in view.all(*_ENCRYPTED):
        if not _ENCRYPTED[resource.type](resource.properties):
            yield resource.name, "is not encrypted."


def _in_transit(view: View) -> Iterator[tuple[str, str]]:
    for resource in view.all(*_IN_TRANSIT):
        if not _IN_TRANSIT[resource.type](resource.properties):
            yield resource.name, "takes connections without TLS."
    for database in view.all("AWS::RDS::DBInstance"):
        if "DBParameterGroupName" not in database.properties:
            yield database.name, "has no parameter group that sets rds.force_ssl."


def _tls_only(view: View) -> Iterator[tuple[str, str]]:
    denials = [one for one in statements(view, "resource") if _denies_plain(one)]
    for resource in view.all(*_TLS_ONLY):
        policy, of, action = _TLS_ONLY[resource.type]
        if not any(_covers(one, resource, policy=policy, of=of, action=action) for one in denials):
            yield resource.name, "takes requests without TLS."


def _denies_plain(statement: Statement) -> bool:
    secure = statement.conditions.get("Bool", {}).get("aws:securetransport")
    return not statement.allows and "*" in statement.principals and str(secure).lower() == "false"


def _covers(statement: Statement, resource: Resource, *, policy: str, of: str, action: str) -> bool:
    holder = statement.holder
    owns = holder.type == policy and any(names_of(one, resource.name) for one in listed(holder.properties.get(of)))
    objects = resource.type != "AWS::S3::Bucket" or any(one.endswith("/*") for one in statement.resources)
    return owns and objects and bool({action, "*"} & set(statement.actions))


def _own_key(view: View) -> Iterator[tuple[str, str]]:
    called = [text(one) for alarm in view.all("AWS::CloudWatch::Alarm") for one in _actions(alarm)]
    for topic in view.all("AWS::SNS::Topic"):
        key = text(topic.properties.get("KmsMasterKeyId", ""))
        if key.endswith("alias/aws/sns") and any(f"${{{topic.name}" in one for one in called):
            yield topic.name, "has AWS's key, with which alarms may not publish."


def _actions(alarm: Resource) -> Iterator[Any]:
    for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        yield from listed(alarm.properties.get(key))


RULES: Final = (
    Rule(
        id="encrypted-at-rest",
        sentence="Buckets, queues, topics, databases and caches are encrypted where they lie.",
        hint="Set the property of the type that encrypts it.",
        source=f"{_DOCS}/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html",
        check=_at_rest,
    ),
    Rule(
        id="encrypted-in-transit",
        sentence="Databases, proxies and caches refuse connections without TLS.",
        hint='Set RequireTLS, TransitEncryptionEnabled, or rds.force_ssl to "1".',
        source=f"{_DOCS}/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html",
        check=_in_transit,
    ),
    Rule(
        id="tls-only",
        sentence="Buckets, queues and topics have a policy that denies everyone's requests without TLS.",
        hint="Deny everyone (for a bucket: it and its objects) where aws:SecureTransport is false.",
        source=f"{_DOCS}/AmazonS3/latest/userguide/security-best-practices.html",
        check=_tls_only,
    ),
    Rule(
        id="alarm-topic-key",
        sentence="A topic that alarms publish to has a key whose policy can let them.",
        hint="Use a key of the stack, and allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*.",
        source=f"{_DOCS}/sns/latest/dg/sns-key-management.html",
        check=_own_key,
    ),
)
