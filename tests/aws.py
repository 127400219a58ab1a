"""boto3 clients for tests: the reference implementation looks at what ours has done."""

from functools import cache
from typing import TYPE_CHECKING, Literal, overload

import boto3

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_sqs.client import SQSClient


@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@cache
def client(service: Literal["s3", "sqs"]) -> "S3Client | SQSClient":
    """Return this process's client; endpoint, region and credentials come from the environment."""
    made: S3Client | SQSClient = boto3.client(service)
    return made
