"""Media, static files and logs: private buckets that only CloudFront, the functions and the log services use.

No bucket is named: names of buckets are everybody's, and what has none can be replaced.
"""

from dataclasses import dataclass
from typing import Any, Final

from troposphere import GetAtt, Output, Ref, Template, s3

from serverless.stack.config import StackConfig
from serverless.stack.home import bucket_policies, lifecycle
from serverless.stack.home.parameters import SITE_ORIGIN
from serverless.stack.home.parts import Text
from serverless.stack.outputs import HomeOutput

__all__ = ["Buckets", "add", "served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    media: Text
    """ARN of the bucket of uploads, originals and what is made of them."""


# What CloudFront serves out of the static bucket: files of releases, and its own error pages.
_STATIC: Final = ("static/*", "_edge/*")
# How long a browser may remember what CORS allows, in seconds; it saves the preflight of each part of an upload.
_CORS_MAX_AGE_S: Final = 3000


def served(config: StackConfig) -> tuple[str, ...]:
    """Return the first segments of the keys that CloudFront serves out of the media bucket; ``incoming`` never is."""
    return tuple(dict.fromkeys(("media", *config.signed)))


def add(template: Template, config: StackConfig) -> Buckets:
    """Add the three buckets with their policies and outputs."""
    logs = template.add_resource(_bucket("LogBucket", config, rules=lifecycle.logs(config)))
    media = template.add_resource(
        _bucket(
            "MediaBucket",
            config,
            rules=lifecycle.media(config),
            logs=logs,
            CorsConfiguration=_uploads(),
            # A deleted original can be fetched back for as long as the database can be restored. A stage that is not
            # protected goes without a trace.
            **({"VersioningConfiguration": s3.VersioningConfiguration(Status="Enabled")} if config.protected else {}),
        )
    )
    static = template.add_resource(_bucket("StaticBucket", config, rules=lifecycle.static(), logs=logs))
    files = [f"{segment}/*" for segment in served(config)]
    bucket_policies.add(template, media, bucket_policies.from_distribution(media, files))
    bucket_policies.add(template, static, bucket_policies.from_distribution(static, _STATIC))
    bucket_policies.add(template, logs, *bucket_policies.log_services(logs))
    for key, bucket in {
        HomeOutput.MEDIA_BUCKET: media,
        HomeOutput.STATIC_BUCKET: static,
        HomeOutput.LOG_BUCKET: logs,
    }.items():
        template.add_output(Output(key, Value=Ref(bucket)))
    return Buckets(media=GetAtt(media, "Arn"))


def _bucket(
    title: str, config: StackConfig, *, rules: list[s3.LifecycleRule], logs: s3.Bucket | None = None, **more: Any
) -> s3.Bucket:
    keep = "Retain" if config.protected else "Delete"
    if logs is not None:
        prefix = f"{bucket_policies.S3_LOGS}{title.removesuffix('Bucket').lower()}/"
        more["LoggingConfiguration"] = s3.LoggingConfiguration(DestinationBucketName=Ref(logs), LogFilePrefix=prefix)
    return s3.Bucket(
        title,
        DeletionPolicy=keep,
        UpdateReplacePolicy=keep,
        # No ACL counts: policies alone say who may do what.
        OwnershipControls=s3.OwnershipControls(Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        # S3's own keys: CloudFront, S3's log delivery and browsers with a presigned URL need none of their own.
        BucketEncryption=s3.BucketEncryption(
            ServerSideEncryptionConfiguration=[
                s3.ServerSideEncryptionRule(
                    ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
                )
            ]
        ),
        LifecycleConfiguration=s3.LifecycleConfiguration(Rules=rules),
        **more,
    )


def _uploads() -> s3.CorsConfiguration:
    """Let the site's pages send presigned files and parts, and read the ETag that completes an upload.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
    """
    return s3.CorsConfiguration(
        CorsRules=[
            s3.CorsRules(
                AllowedOrigins=[SITE_ORIGIN],
                AllowedMethods=["GET", "PUT"],
                AllowedHeaders=["content-type", "x-amz-checksum-sha256"],
                ExposedHeaders=["ETag"],
                MaxAge=_CORS_MAX_AGE_S,
            )
        ]
    )
