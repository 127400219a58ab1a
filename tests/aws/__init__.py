"""Checks of a stage on AWS, for a person with an account: ``pytest tests/aws --stage dev``. Skipped otherwise.

They read: stacks, functions, mappings, alarms, metrics, mail, and what the site answers. The one thing that is written
is a task that does nothing, and its message. What each proves is in docs/reference/only-on-aws.md. ``test_checks`` and
``test_answers`` try the checks themselves, in every run, on moto and on a server of this machine.

Beside them ``client``, a boto3 client for any test: the reference implementation looks at what ours has done.
"""

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
