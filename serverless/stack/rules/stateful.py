"""What keeps data: kept when it is replaced or deleted, and never named, so that it can be replaced at all."""

from collections.abc import Iterator, Mapping
from typing import Final

from serverless.stack.outputs import HomeOutput, ReleasesOutput
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import View, names_of, text

__all__ = ["RULES"]

_DOCS: Final = "https://docs.aws.amazon.com"
_CFN: Final = f"{_DOCS}/AWSCloudFormation/latest"
# The type -> the property that would name it. A cache is made of what it caches, and is not among them.
_STATEFUL: Final[Mapping[str, str]] = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::KMS::Key": "",
}
_CACHE: Final = "AWS::ElastiCache::ReplicationGroup"
_DATABASES: Final = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
_KEEPING: Final = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
# Point-in-time restore reaches as far back as backups are kept.
_BACKUP_DAYS: Final = 7
# A copy holds nothing of its own, and RDS makes neither backups nor a last snapshot of it.
_COPY: Final = "SourceDBInstanceIdentifier"


def _decided(view: View) -> Iterator[tuple[str, str]]:
    for resource in view.all(*_STATEFUL, _CACHE):
        if missing := [policy for policy in _POLICIES if policy not in resource.attributes]:
            yield resource.name, f"no {' and no '.join(missing)}."


def _kept(view: View) -> Iterator[tuple[str, str]]:
    for resource in view.all(*_STATEFUL):
        if _COPY in resource.properties:
            continue
        for policy in _POLICIES:
            value = resource.attributes.get(policy, "Delete")
            # A key in use must outlive what it encrypted; a stage that may go without a trace says so.
            if value not in _KEEPING and view.config.protected:
                yield resource.name, f"{policy} is {value}."


def _protected(view: View) -> Iterator[tuple[str, str]]:
    for database in view.all(*_DATABASES):
        is_copy = _COPY in database.properties
        if view.config.protected and not is_copy and database.properties.get("DeletionProtection") is not True:
            yield database.name, "can be deleted by one call."


def _backed_up(view: View) -> Iterator[tuple[str, str]]:
    for database in view.all(*_DATABASES):
        days = int(database.properties.get("BackupRetentionPeriod", 1))
        if view.config.protected and days < _BACKUP_DAYS and _COPY not in database.properties:
            yield database.name, f"backups of {days} days."


def _unnamed(view: View) -> Iterator[tuple[str, str]]:
    named = {**_STATEFUL, _CACHE: "ReplicationGroupId"}
    for resource in view.all(*named):
        if named[resource.type] in resource.properties:
            yield resource.name, f"is called {text(resource.properties[named[resource.type]])}."


def _versioned(view: View) -> Iterator[tuple[str, str]]:
    if view.kind == "home" and not view.config.protected:
        return
    outputs = view.template.get("Outputs", {})
    kept = [outputs[name]["Value"] for name in (ReleasesOutput.BUCKET, HomeOutput.MEDIA_BUCKET) if name in outputs]
    for bucket in view.all("AWS::S3::Bucket"):
        status = bucket.properties.get("VersioningConfiguration", {}).get("Status")
        if status != "Enabled" and any(names_of(value, bucket.name) for value in kept):
            yield bucket.name, "forgets what is overwritten or deleted."


def _tidied(view: View) -> Iterator[tuple[str, str]]:
    for bucket in view.all("AWS::S3::Bucket"):
        rules = bucket.properties.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any("AbortIncompleteMultipartUpload" in rule and rule.get("Status") == "Enabled" for rule in rules):
            yield bucket.name, "keeps the parts of uploads that were given up, and their bill."


RULES: Final = (
    Rule(
        id="stateful-decided",
        sentence="What keeps data says what becomes of it when it is deleted or replaced.",
        hint="Set DeletionPolicy and UpdateReplacePolicy.",
        source=f"{_CFN}/UserGuide/aws-attribute-deletionpolicy.html",
        check=_decided,
    ),
    Rule(
        id="stateful-kept",
        sentence="In a protected stage what keeps data is retained, or leaves a snapshot.",
        hint="Set DeletionPolicy and UpdateReplacePolicy to Retain or Snapshot.",
        source=f"{_CFN}/UserGuide/aws-attribute-updatereplacepolicy.html",
        check=_kept,
    ),
    Rule(
        id="stateful-protected",
        sentence="In a protected stage the database refuses to be deleted.",
        hint="Set DeletionProtection.",
        source=f"{_DOCS}/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        check=_protected,
    ),
    Rule(
        id="stateful-backed-up",
        sentence="In a protected stage the database can be restored to any second of the last week.",
        hint="Set BackupRetentionPeriod to 7 or more.",
        source=f"{_DOCS}/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
        check=_backed_up,
    ),
    Rule(
        id="stateful-unnamed",
        sentence="What keeps data has no name of its own: CloudFormation cannot replace what has one.",
        hint="Leave the name to CloudFormation, and read it from the outputs.",
        source=f"{_CFN}/TemplateReference/aws-properties-name.html",
        check=_unnamed,
    ),
    Rule(
        id="stateful-versioned",
        sentence="The bucket of releases and, in a protected stage, that of files keep what is overwritten or deleted.",
        hint="Set VersioningConfiguration to Enabled.",
        source=f"{_DOCS}/AmazonS3/latest/userguide/Versioning.html",
        check=_versioned,
    ),
    Rule(
        id="bucket-tidied",
        sentence="Every bucket drops the parts of unfinished uploads.",
        hint="Add a lifecycle rule with AbortIncompleteMultipartUpload.",
        source=f"{_DOCS}/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html",
        check=_tidied,
    ),
)
