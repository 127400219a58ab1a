"""Cases of the rules on encryption."""

from typing import Any

from tests.serverless.stack.rules.support import Case, Template, allow, made, policy

BUCKET, QUEUE, TOPIC = "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"
DATABASE, CACHE = "AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup"
GROUP = "AWS::RDS::DBParameterGroup"
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}


def _deny(action: str, *resources: Any, **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": PLAIN,
        **more,
    }


def _bucket(*resources: Any, **more: Any) -> Template:
    document = policy(allow("s3:GetObject"), _deny("s3:*", *resources, **more))
    of = {"Bucket": {"Ref": "Media"}, "PolicyDocument": document}
    return made(Media=(BUCKET, {}), Policy=("AWS::S3::BucketPolicy", of))


MEDIA = {"Fn::GetAtt": ["Media", "Arn"]}
OBJECTS = {"Fn::Sub": "${Media.Arn}/*"}
TOPIC_POLICY = {"Topics": [{"Ref": "Alarms"}], "PolicyDocument": policy(_deny("sns:Publish", {"Ref": "Alarms"}))}
QUEUE_POLICY = {
    "Queues": [{"Ref": "Tasks"}],
    "PolicyDocument": policy(_deny("sqs:*", {"Fn::GetAtt": ["Tasks", "Arn"]})),
}


def _published(key: Any) -> Template:
    alarm = ("AWS::CloudWatch::Alarm", {"AlarmActions": [{"Ref": "Alarms"}]})
    return made(Alarms=(TOPIC, {"KmsMasterKeyId": key}), Errors=alarm)


CASES = [
    Case(
        rule="encrypted-at-rest",
        breaks=[
            ("Media", made(Media=(BUCKET, {}))),
            ("Tasks", made(Tasks=(QUEUE, {"SqsManagedSseEnabled": False}))),
            ("Alarms", made(Alarms=(TOPIC, {}))),
            ("Database", made(Database=(DATABASE, {"StorageEncrypted": False}))),
            ("Cluster", made(Cluster=("AWS::RDS::DBCluster", {}))),
            ("Cache", made(Cache=(CACHE, {"TransitEncryptionEnabled": True}))),
        ],
        holds=[
            made(
                Media=(BUCKET, {"BucketEncryption": {"ServerSideEncryptionConfiguration": []}}),
                Tasks=(QUEUE, {"SqsManagedSseEnabled": True}),
                Alarms=(TOPIC, {"KmsMasterKeyId": {"Ref": "Key"}}),
                Database=(DATABASE, {"StorageEncrypted": True}),
                Cluster=("AWS::RDS::DBCluster", {"StorageEncrypted": True}),
                Cache=(CACHE, {"AtRestEncryptionEnabled": True}),
            )
        ],
    ),
    Case(
        rule="encrypted-in-transit",
        breaks=[
            ("Proxy", made(Proxy=("AWS::RDS::DBProxy", {"RequireTLS": False}))),
            ("Database", made(Database=(DATABASE, {}))),
            ("Group", made(Group=(GROUP, {"Parameters": {"rds.force_ssl": "0"}}))),
            ("Cache", made(Cache=(CACHE, {}))),
            ("Cache", made(Cache=(CACHE, {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}))),
            ("Cache", made(Cache=("AWS::ElastiCache::CacheCluster", {}))),
        ],
        holds=[
            made(
                Proxy=("AWS::RDS::DBProxy", {"RequireTLS": True}),
                Database=(DATABASE, {"DBParameterGroupName": {"Ref": "Group"}}),
                Group=(GROUP, {"Parameters": {"rds.force_ssl": "1"}}),
                Cache=(CACHE, {"TransitEncryptionEnabled": True}),
            )
        ],
    ),
    Case(
        rule="tls-only",
        breaks=[
            ("Media", made(Media=(BUCKET, {}))),
            ("Media", _bucket(MEDIA)),
            ("Media", _bucket(MEDIA, OBJECTS, Principal={"AWS": {"Ref": "Role"}})),
            ("Media", _bucket(MEDIA, OBJECTS, Action="s3:GetObject")),
            ("Media", _bucket(MEDIA, OBJECTS, Condition={"Bool": {"aws:SecureTransport": "true"}})),
            ("Media", _bucket(MEDIA, OBJECTS, Effect="Allow")),
            ("Tasks", made(Tasks=(QUEUE, {}), Policy=("AWS::SQS::QueuePolicy", {**QUEUE_POLICY, "Queues": []}))),
            ("Alarms", made(Alarms=(TOPIC, {}), Policy=("AWS::SNS::TopicPolicy", {**TOPIC_POLICY, "Topics": []}))),
        ],
        holds=[
            _bucket(MEDIA, OBJECTS),
            _bucket(MEDIA, OBJECTS, Principal={"AWS": "*"}),
            made(Tasks=(QUEUE, {}), Policy=("AWS::SQS::QueuePolicy", QUEUE_POLICY)),
            made(Alarms=(TOPIC, {}), Policy=("AWS::SNS::TopicPolicy", TOPIC_POLICY)),
        ],
    ),
    Case(
        rule="alarm-topic-key",
        breaks=[("Alarms", _published("alias/aws/sns"))],
        holds=[_published({"Ref": "Key"}), made(Bounces=(TOPIC, {"KmsMasterKeyId": "alias/aws/sns"}))],
    ),
]
