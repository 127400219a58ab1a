"""The stack of the release bucket: templates, zips, release records and the lock. It comes before everything else."""

from typing import Any, Final

from troposphere import GetAtt, Output, Ref, Sub, Template, s3

from serverless.stack.config import StackConfig
from serverless.stack.outputs import ReleasesOutput

__all__ = ["template"]

# An overwritten record or a deleted zip can be fetched back for so long.
_OLD_VERSIONS_DAYS: Final = 30
# An upload that broke off is not listed, and charged all the same.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
_UNFINISHED_DAYS: Final = 1


def template(config: StackConfig) -> Template:
    """Return the template of ``PREFIX-releases``; small enough to travel inline."""
    releases = Template(Description=f"{config.prefix}: templates, packages, records and the lock of releases.")
    releases.set_version()
    bucket = releases.add_resource(_bucket())
    releases.add_resource(
        s3.BucketPolicy(
            "ReleaseBucketPolicy",
            Bucket=Ref(bucket),
            PolicyDocument={"Version": "2012-10-17", "Statement": [_tls_only(bucket)]},
        )
    )
    releases.add_output(Output(ReleasesOutput.BUCKET, Value=Ref(bucket)))
    return releases


def _bucket() -> s3.Bucket:
    """What a stage was released from outlives its stacks: it is what a restored one would be released from."""
    return s3.Bucket(
        "ReleaseBucket",
        # Without a name: it outlives its stack, and the next one could not have the same. Everyone reads the output.
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
        OwnershipControls=s3.OwnershipControls(Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        BucketEncryption=s3.BucketEncryption(
            ServerSideEncryptionConfiguration=[
                s3.ServerSideEncryptionRule(
                    ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
                )
            ]
        ),
        LifecycleConfiguration=s3.LifecycleConfiguration(
            Rules=[
                s3.LifecycleRule(
                    Id="old-versions",
                    Status="Enabled",
                    NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(NoncurrentDays=_OLD_VERSIONS_DAYS),
                    ExpiredObjectDeleteMarker=True,
                ),
                s3.LifecycleRule(
                    Id="unfinished-uploads",
                    Status="Enabled",
                    AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(
                        DaysAfterInitiation=_UNFINISHED_DAYS
                    ),
                ),
            ]
        ),
    )


def _tls_only(bucket: s3.Bucket) -> dict[str, Any]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [GetAtt(bucket, "Arn"), Sub("${ReleaseBucket.Arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
