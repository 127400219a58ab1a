"""The bucket that releases are kept in."""

from serverless.stack import releases
from tests.serverless.stack.facts import config, of


def test_it_has_no_name_of_its_own_and_tells_the_one_it_got() -> None:
    facts = of(releases.template(config()))
    assert "BucketName" not in facts.one("S3::Bucket")
    assert facts.output("ReleaseBucket") == {"Ref": "ReleaseBucket"}


def test_it_outlives_its_stack_in_every_stage() -> None:
    for protected in (True, False):
        bucket = of(releases.template(config(protected=protected))).resource("ReleaseBucket")
        assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_it_is_versioned_encrypted_and_nobody_elses() -> None:
    bucket = of(releases.template(config())).one("S3::Bucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_only_tls_reaches_bucket_and_objects() -> None:
    (statement,) = of(releases.template(config())).one("S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    arn = {"Fn::GetAtt": ["ReleaseBucket", "Arn"]}
    assert statement["Resource"] == [arn, {"Fn::Sub": "${ReleaseBucket.Arn}/*"}]


def test_what_is_old_or_unfinished_goes_and_what_is_current_stays() -> None:
    rules = of(releases.template(config())).one("S3::Bucket")["LifecycleConfiguration"]["Rules"]
    told = {key: value for rule in rules for key, value in rule.items()}
    assert told["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert told["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert not {"ExpirationInDays", "ExpirationDate", "Transitions"} & told.keys()


def test_it_travels_inline() -> None:
    assert len(releases.template(config()).to_json().encode()) < 51_200
