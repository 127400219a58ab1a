"""What AWS refuses, as sentences with a next command."""

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOTokenLoadError,
)
from botocore.parsers import ResponseParserError

from serverless.deploy.failures import (
    AwsBusy,
    AwsDenied,
    AwsRefused,
    AwsUnreachable,
    CredentialsInvalid,
    explained,
)


def refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("problem", "kind", "sentence"),
    [
        (NoCredentialsError(), CredentialsInvalid, "There are no AWS credentials. Run `aws configure`"),
        (ProfileNotFound(profile="x"), CredentialsInvalid, "AWS_PROFILE names none of those"),
        (SSOTokenLoadError(error_msg="gone"), CredentialsInvalid, "have expired. Renew them (`aws sso login`)"),
        (refused("ExpiredToken"), CredentialsInvalid, "Reading: the AWS credentials have expired"),
        (refused("SignatureDoesNotMatch"), CredentialsInvalid, "AWS does not know these credentials"),
        (refused("AccessDenied", "not s3:GetObject"), AwsDenied, "may not (not s3:GetObject). Use others"),
        (refused("Throttling"), AwsBusy, "takes no more calls for now (Throttling). Run the same command"),
        (EndpointConnectionError(endpoint_url="https://sts.x"), AwsUnreachable, "is the region in"),
        (ReadTimeoutError(endpoint_url="https://sts.x"), AwsUnreachable, "Is this machine online"),
        (ResponseParserError("no XML\n<html>"), AwsUnreachable, "no answer from AWS (no XML)"),
        (refused("ValidationError", "bad"), AwsRefused, "Reading: AWS answers ValidationError: bad"),
    ],
)
def test_each_refusal_says_what_to_do(problem: Exception, kind: type[AwsRefused], sentence: str) -> None:
    with pytest.raises(AwsRefused) as raised, explained("Reading"):
        raise problem
    assert type(raised.value) is kind
    assert sentence in str(raised.value)


def test_what_is_no_refusal_goes_on() -> None:
    with pytest.raises(ZeroDivisionError), explained("Reading"):
        raise ZeroDivisionError
