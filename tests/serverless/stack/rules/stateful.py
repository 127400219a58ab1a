"""Cases of the rules on what keeps data."""

from dataclasses import replace
from typing import Any

from tests.serverless.stack.rules.support import CONFIG, Case, Template

BUCKET, DATABASE, CACHE = "AWS::S3::Bucket", "AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup"
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
GONE = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
FLEETING = replace(CONFIG, protected=False)
TIDY = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}


def _one(type_: str, attributes: dict[str, str] | None = None, **properties: Any) -> Template:
    return {"Resources": {"It": {"Type": type_, "Properties": properties, **(attributes or {})}}}


def _told(output: str, **versioning: str) -> Template:
    bucket = _one(BUCKET, VersioningConfiguration=versioning)
    return bucket | {"Outputs": {output: {"Value": {"Ref": "It"}}}}


CASES = [
    Case(
        rule="stateful-decided",
        breaks=[
            ("It", _one(BUCKET)),
            ("It", _one(DATABASE, {"DeletionPolicy": "Snapshot"})),
            ("It", _one(CACHE, {"UpdateReplacePolicy": "Delete"})),
        ],
        holds=[_one(BUCKET, KEPT), _one(CACHE, GONE), _one("AWS::SQS::Queue")],
        config=FLEETING,
    ),
    Case(
        rule="stateful-kept",
        breaks=[
            ("It", _one(BUCKET, KEPT | {"DeletionPolicy": "Delete"})),
            ("It", _one(DATABASE, KEPT | {"UpdateReplacePolicy": "Delete"})),
            ("It", _one("AWS::SecretsManager::Secret", KEPT | {"UpdateReplacePolicy": "Delete"})),
        ],
        holds=[_one(BUCKET, KEPT), _one(DATABASE, {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"})],
    ),
    Case(rule="stateful-kept", breaks=[], holds=[_one(DATABASE, GONE)], config=FLEETING),
    Case(
        rule="stateful-protected",
        breaks=[("It", _one(DATABASE)), ("It", _one(DATABASE, DeletionProtection=False))],
        holds=[_one(DATABASE, DeletionProtection=True)],
    ),
    Case(rule="stateful-protected", breaks=[], holds=[_one(DATABASE)], config=FLEETING),
    Case(
        rule="stateful-backed-up",
        breaks=[("It", _one(DATABASE)), ("It", _one(DATABASE, BackupRetentionPeriod=6))],
        holds=[_one(DATABASE, BackupRetentionPeriod=7)],
    ),
    Case(
        rule="stateful-unnamed",
        breaks=[
            ("It", _one(BUCKET, BucketName="shop-production-media")),
            ("It", _one(DATABASE, DBInstanceIdentifier={"Fn::Sub": "${AWS::StackName}-db"})),
            ("It", _one(CACHE, ReplicationGroupId="shop-production")),
        ],
        holds=[_one(BUCKET), _one("AWS::SQS::Queue", QueueName="shop-production-default")],
    ),
    Case(
        rule="stateful-versioned",
        breaks=[("It", _told("MediaBucket")), ("It", _told("MediaBucket", Status="Suspended"))],
        holds=[_told("MediaBucket", Status="Enabled"), _told("StaticBucket")],
    ),
    Case(rule="stateful-versioned", breaks=[], holds=[_told("MediaBucket")], config=FLEETING),
    Case(
        rule="stateful-versioned",
        breaks=[("It", _told("ReleaseBucket"))],
        holds=[_told("ReleaseBucket", Status="Enabled")],
        kind="releases",
        config=FLEETING,
    ),
    Case(
        rule="bucket-tidied",
        breaks=[
            ("It", _one(BUCKET)),
            ("It", _one(BUCKET, LifecycleConfiguration={"Rules": [TIDY | {"Status": "Disabled"}]})),
            ("It", _one(BUCKET, LifecycleConfiguration={"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]})),
        ],
        holds=[_one(BUCKET, LifecycleConfiguration={"Rules": [TIDY]})],
    ),
]
