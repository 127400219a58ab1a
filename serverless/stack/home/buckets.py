"""Media, static files and logs: private buckets that only CloudFront, the functions and the log services use.

No bucket is named: names of buckets are everybody's, and what has none can be replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from troposphere import GetAtt, If, NoValue, Output, Ref, Sub, Template, s3

from serverless.stack.config import StackConfig
from serverless.stack.home import lifecycle
from serverless.stack.home.parameters import HAS_DISTRIBUTION, SITE_ORIGIN
from serverless.stack.home.parts import Text
from serverless.stack.home.policy import document
from serverless.stack.names import EDGE_REGION
from serverless.stack.outputs import HomeOutput, HomeParameter

__all__ = ["Buckets", "add", "served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    media: Text
    """ARN of the bucket of uploads, originals and what is made of them."""


# Where the services put their logs.
_S3_LOGS: Final = "s3/"
_CDN_LOGS: Final = "cdn/"
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
    _policy(template, media, _from_distribution(media, [f"{segment}/*" for segment in served(config)]))
    _policy(template, static, _from_distribution(static, ["*"]))
    _policy(template, logs, *_log_services(logs))
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
        prefix = f"{_S3_LOGS}{title.removesuffix('Bucket').lower()}/"
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


def _policy(template: Template, bucket: s3.Bucket, *statements: Any) -> None:
    template.add_resource(
        s3.BucketPolicy(
            f"{bucket.title}Policy",
            Bucket=Ref(bucket),
            PolicyDocument=document(_tls_only(bucket), *statements),
        )
    )


def _tls_only(bucket: s3.Bucket) -> dict[str, Any]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [GetAtt(bucket, "Arn"), Sub(f"${{{bucket.title}.Arn}}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _from_distribution(bucket: s3.Bucket, keys: Sequence[str]) -> If:
    """Let one distribution read, once there is one, and of the media bucket what it serves alone.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    statement = {
        "Sid": "OurDistributionReads",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": [Sub(f"${{{bucket.title}.Arn}}/{key}") for key in keys],
        "Condition": {"StringEquals": {"aws:SourceArn": Ref(HomeParameter.DISTRIBUTION_ARN)}},
    }
    return If(HAS_DISTRIBUTION, statement, NoValue)


def _log_services(bucket: s3.Bucket) -> list[dict[str, Any]]:
    """Let S3 and CloudFront's standard logging write, for this account.

    CloudFront's is the second version, which asks for no ACL as the first does; its sources are in us-east-1.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    account = {"aws:SourceAccount": Ref("AWS::AccountId")}
    sources = Sub(f"arn:${{AWS::Partition}}:logs:{EDGE_REGION}:${{AWS::AccountId}}:delivery-source:*")
    ours = {"StringEquals": account, "ArnLike": {"aws:SourceArn": sources}}
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    return [
        _writes(bucket, "S3Logs", {"Service": "logging.s3.amazonaws.com"}, _S3_LOGS, {"StringEquals": account}),
        _writes(
            bucket,
            "DistributionLogs",
            delivery,
            _CDN_LOGS,
            ours | {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **account}},
        ),
        {
            "Sid": "DistributionLogsCheck",
            "Effect": "Allow",
            "Principal": delivery,
            "Action": "s3:GetBucketAcl",
            "Resource": GetAtt(bucket, "Arn"),
            "Condition": ours,
        },
    ]


def _writes(
    bucket: s3.Bucket, sid: str, principal: Mapping[str, str], prefix: str, condition: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:PutObject",
        "Resource": Sub(f"${{{bucket.title}.Arn}}/{prefix}*"),
        "Condition": condition,
    }
