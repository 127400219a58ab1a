"""The buckets: who may read, write and come past their policies."""

from typing import Any

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

BOTH: list[Profile] = ["standard", "frugal"]
BUCKETS = ["MediaBucket", "StaticBucket", "LogBucket"]
OURS = {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def policy(name: str, **more: Any) -> dict[str, Any]:
    """Return the statements of a bucket's policy by their Sid; conditional ones as they are with a distribution."""
    document = of_home(**more).resource(f"{name}Policy")["Properties"]["PolicyDocument"]
    statements = [each.get("Fn::If", [None, each])[1] for each in document["Statement"]]
    return {statement["Sid"]: statement for statement in statements}


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_encrypted_and_nobodys_but_the_accounts(name: str, profile: Profile) -> None:
    bucket = of_home(profile).resource(name)["Properties"]
    assert "BucketName" not in bucket
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True
    )
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


@pytest.mark.parametrize("name", BUCKETS)
def test_nobody_comes_without_tls(name: str) -> None:
    denied = policy(name)["TlsOnly"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
    assert denied["Resource"] == [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("name", "keys"),
    [("MediaBucket", ["media/*", "originals/*", "reports/*"]), ("StaticBucket", ["static/*", "_edge/*"])],
)
def test_one_distribution_reads_what_it_serves_and_nothing_in_quarantine(name: str, keys: list[str]) -> None:
    assert policy(name)["OurDistributionReads"] == {
        "Sid": "OurDistributionReads",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": [{"Fn::Sub": f"${{{name}.Arn}}/{key}"} for key in keys],
        "Condition": {"StringEquals": {"aws:SourceArn": {"Ref": "DistributionArn"}}},
    }


@pytest.mark.parametrize("name", ["MediaBucket", "StaticBucket"])
def test_without_a_distribution_nobody_is_let_in(name: str) -> None:
    _, reads = of_home().resource(f"{name}Policy")["Properties"]["PolicyDocument"]["Statement"]
    condition, _, otherwise = reads["Fn::If"]
    assert (condition, otherwise) == ("HasDistribution", {"Ref": "AWS::NoValue"})


def test_log_services_write_for_this_account_each_under_its_prefix() -> None:
    allowed = policy("LogBucket")
    assert allowed.keys() == {"TlsOnly", "S3Logs", "DistributionLogs", "DistributionLogsCheck"}
    assert allowed["S3Logs"] == {
        "Sid": "S3Logs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": {"Fn::Sub": "${LogBucket.Arn}/s3/*"},
        "Condition": {"StringEquals": OURS},
    }
    sources = {"Fn::Sub": "arn:${AWS::Partition}:logs:us-east-1:${AWS::AccountId}:delivery-source:*"}
    assert allowed["DistributionLogs"]["Resource"] == {"Fn::Sub": "${LogBucket.Arn}/cdn/*"}
    assert allowed["DistributionLogs"]["Condition"] == {
        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **OURS},
        "ArnLike": {"aws:SourceArn": sources},
    }
    assert allowed["DistributionLogsCheck"]["Action"] == "s3:GetBucketAcl"
    assert allowed["DistributionLogsCheck"]["Condition"]["StringEquals"] == OURS


def test_media_and_static_log_their_requests() -> None:
    for name in ("media", "static"):
        logging = of_home().resource(f"{name.capitalize()}Bucket")["Properties"]["LoggingConfiguration"]
        assert logging == {"DestinationBucketName": {"Ref": "LogBucket"}, "LogFilePrefix": f"s3/{name}/"}
    assert "LoggingConfiguration" not in of_home().resource("LogBucket")["Properties"]


def test_pages_of_the_site_send_presigned_files_and_read_the_etag() -> None:
    (rule,) = of_home().resource("MediaBucket")["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule == {
        "AllowedOrigins": [{"Ref": "SiteOrigin"}],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["content-type", "x-amz-checksum-sha256"],
        "ExposedHeaders": ["ETag"],
        "MaxAge": 3000,
    }
    for other in ("StaticBucket", "LogBucket"):
        assert "CorsConfiguration" not in of_home().resource(other)["Properties"]


@pytest.mark.parametrize("name", BUCKETS)
def test_files_of_a_protected_stage_outlive_it(name: str) -> None:
    kept, loose = of_home().resource(name), of_home(protected=False).resource(name)
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert (loose["DeletionPolicy"], loose["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_deleted_files_of_a_protected_stage_can_be_fetched_back() -> None:
    assert of_home().resource("MediaBucket")["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "VersioningConfiguration" not in of_home(protected=False).resource("MediaBucket")["Properties"]


def test_the_outputs_name_the_buckets() -> None:
    for name in BUCKETS:
        assert of_home().output(name) == {"Ref": name}
