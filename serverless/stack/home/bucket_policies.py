"""Policies of buckets: TLS only, one distribution's reads, the log services' writes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from troposphere import GetAtt, If, NoValue, Ref, Sub, Template, s3

from serverless.stack.home.parameters import HAS_DISTRIBUTION
from serverless.stack.home.policy import document
from serverless.stack.names import EDGE_REGION
from serverless.stack.outputs import HomeParameter

__all__ = ["S3_LOGS", "add", "from_distribution", "log_services"]

# Where the services put their logs.
S3_LOGS: Final = "s3/"
_CDN_LOGS: Final = "cdn/"


def add(template: Template, bucket: s3.Bucket, *statements: Any) -> None:
    """Add the policy of ``bucket``: nobody without TLS, and ``statements``."""
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


def from_distribution(bucket: s3.Bucket, keys: Sequence[str]) -> If:
    """Let one distribution read, once there is one, and what it serves alone.

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


def log_services(bucket: s3.Bucket) -> list[dict[str, Any]]:
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
        _writes(bucket, "S3Logs", {"Service": "logging.s3.amazonaws.com"}, S3_LOGS, {"StringEquals": account}),
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
