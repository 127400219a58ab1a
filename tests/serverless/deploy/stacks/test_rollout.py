"""``stack deploy`` and ``stack diff``, against moto."""

from typing import Any

import pytest
from moto.cloudformation.models import CloudFormationBackend

from serverless import aws
from serverless.deploy import stacks
from serverless.deploy.failures import AwsDenied, CredentialsInvalid, Interrupted
from serverless.deploy.stacks import StackFailed, StackRefused, StackUnfinished
from serverless.deploy.stacks.watch import Terminal
from serverless.stack.outputs import EdgeOutput, EdgeParameter, HomeOutput, HomeParameter, ReleasesOutput
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import REGION, Stage

HOME = "shop-dev-home"
DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1"


def test_an_empty_account_becomes_a_stage(stage: Stage, cloud: Cloud) -> None:
    told = stage.deploy()

    assert cloud.names() == ["shop-dev-releases", "shop-dev-home"]
    assert cloud.names("us-east-1") == ["shop-dev-edge"]
    assert told.releases[ReleasesOutput.BUCKET] == "shop-dev-releases"
    assert told.home[HomeOutput.MEDIA_BUCKET] == "shop-dev-media"
    assert told.edge[EdgeOutput.DISTRIBUTION_ARN] == DISTRIBUTION
    assert len(stage.asked) == 1  # not a second time for what follows from the first answer


def test_each_stack_is_told_what_the_others_are(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()

    edge = cloud.stack("shop-dev-edge", "us-east-1").stack_parameters
    assert edge[EdgeParameter.API_DOMAIN] == "the ApiDomain"
    assert edge[EdgeParameter.MEDIA_BUCKET_DOMAIN] == "shop-dev-media.s3.eu-central-1.amazonaws.com"
    assert edge[EdgeParameter.ORIGIN_SECRET] == stage.held()["ORIGIN_SECRETS"]
    assert edge[EdgeParameter.MEDIA_PUBLIC_KEY].startswith("-----BEGIN PUBLIC KEY-----")
    assert len(edge[EdgeParameter.MAINTENANCE_BYPASS]) > 40
    home = cloud.stack("shop-dev-home").stack_parameters
    assert home[HomeParameter.DISTRIBUTION_ARN] == DISTRIBUTION
    assert home[HomeParameter.SITE_ORIGIN] == "the SiteUrl"


def test_error_pages_are_there_before_the_first_visitor(stage: Stage) -> None:
    told = stage.deploy()

    bucket = told.home[HomeOutput.STATIC_BUCKET]
    page = aws.client("s3", region=REGION).get_object(Bucket=bucket, Key="_edge/503.html")
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-store")
    assert b"<html" in page["Body"].read()


def test_a_rotation_is_not_undone(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    first = stage.held()["ORIGIN_SECRETS"]
    stage.hold(ORIGIN_SECRETS=f"{first},{'b' * 43}")
    values = {EdgeParameter.ORIGIN_SECRET: "b" * 43}
    stacks.set_parameters(stage.config, "edge", values, log=stage.said.append, pause_s=0)

    stage.deploy()
    assert cloud.stack("shop-dev-edge", "us-east-1").stack_parameters[EdgeParameter.ORIGIN_SECRET] == "b" * 43

    stage.hold(ORIGIN_SECRETS="c" * 43)  # the only one: CloudFront has to send it
    stage.deploy()
    assert cloud.stack("shop-dev-edge", "us-east-1").stack_parameters[EdgeParameter.ORIGIN_SECRET] == "c" * 43


def test_a_key_that_cloudfront_does_not_know_is_refused(stage: Stage) -> None:
    stage.deploy()
    right = stage.held()["MEDIA_PRIVATE_KEY"]
    stage.hold(MEDIA_PRIVATE_KEY="")

    with pytest.raises(StackRefused, match=r"has lost its MEDIA_PRIVATE_KEY.*AWSPREVIOUS"):
        stage.deploy()
    assert stage.held()["MEDIA_PRIVATE_KEY"] == ""

    stage.hold(MEDIA_PRIVATE_KEY=right.replace("\n", "\\n"))  # as consoles write it
    stage.deploy()


def test_the_plan_of_a_new_stage_leaves_nothing_on_aws(stage: Stage, cloud: Cloud) -> None:
    assert stage.diff()

    assert cloud.names() == []
    assert "shop-dev-home in eu-central-1: new, 5 added" in stage.text
    assert "+ AWS::S3::Bucket: MediaBucket, StaticBucket, LogBucket" in stage.text
    assert "Mapping" not in stage.text  # made once functions are there


def test_nothing_to_do_is_told_and_not_asked_about(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stage.asked.clear()
    stage.said.clear()
    cloud.calls.clear()

    assert not stage.diff()
    stage.deploy()

    assert stage.asked == []
    assert stage.text.count("nothing to change") == 6
    assert "ExecuteChangeSet" not in cloud.calls


def test_a_change_is_shown_asked_about_and_made(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 1800
    stage.asked.clear()

    assert stage.diff()
    assert cloud.change_sets() == []  # what is only shown is not left behind
    assert "~ AWS::SQS::Queue: DefaultQueue (VisibilityTimeout 720 -> 1800)" in stage.text

    stage.deploy()
    assert stage.asked == ["Do this?"]
    assert "update complete  DefaultQueue (AWS::SQS::Queue)" in stage.text
    queue = aws.client("sqs", region=REGION)
    url = queue.get_queue_url(QueueName="shop-dev-default")["QueueUrl"]
    found = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert found["Attributes"]["VisibilityTimeout"] == "1800"


def test_no_is_no(stage: Stage, cloud: Cloud) -> None:
    stage.answer = False

    with pytest.raises(StackRefused, match="Nothing was changed"):
        stage.deploy()
    assert cloud.names() == []

    stage.deploy(assume_yes=True)
    assert len(stage.asked) == 1


def test_what_holds_data_is_replaced_only_by_name(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stage.templates["home"]["Resources"]["MediaBucket"]["Properties"]["BucketName"] = "shop-dev-photos"

    with pytest.raises(StackRefused, match=r"MediaBucket \(AWS::S3::Bucket\) would be replaced.*--replace MediaBucket"):
        stage.deploy(assume_yes=True)
    assert cloud.change_sets() == []

    told = stage.deploy(assume_yes=True, replace=["MediaBucket"])
    assert told.home[HomeOutput.MEDIA_BUCKET] == "shop-dev-photos"
    edge = cloud.stack("shop-dev-edge", "us-east-1").stack_parameters
    assert edge[EdgeParameter.MEDIA_BUCKET_DOMAIN].startswith("shop-dev-photos.")  # not known when it was planned


def test_what_releases_and_people_have_set_is_kept(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stacks.functions_live(stage.config, log=stage.said.append, pause_s=0)
    stacks.set_parameters(
        stage.config,
        "edge",
        {EdgeParameter.MAINTENANCE: "yes", EdgeParameter.MAINTENANCE_BYPASS: "let me in"},
        log=stage.said.append,
        pause_s=0,
    )
    for part in ("home", "edge"):
        stage.templates[part]["Resources"]["More"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": part}}

    stage.deploy()

    assert cloud.stack("shop-dev-home").stack_parameters[HomeParameter.FUNCTIONS_LIVE] == "yes"
    edge = cloud.stack("shop-dev-edge", "us-east-1").stack_parameters
    assert (edge[EdgeParameter.MAINTENANCE], edge[EdgeParameter.MAINTENANCE_BYPASS]) == ("yes", "let me in")


def test_a_large_template_travels_through_the_release_bucket(stage: Stage, cloud: Cloud) -> None:
    stage.templates["home"]["Metadata"] = {"Padding": "x" * 60_000}

    stage.deploy()

    s3 = aws.client("s3", region=REGION)
    (entry,) = s3.list_objects_v2(Bucket="shop-dev-releases", Prefix="templates/home-")["Contents"]
    assert entry["Size"] > 60_000
    assert not stage.diff()


def test_protection_follows_the_stage(stage: Stage, cloud: Cloud) -> None:
    stage.become(protected=True)
    stage.deploy()
    assert cloud.stack("shop-dev-home").enable_termination_protection
    assert cloud.stack("shop-dev-edge", "us-east-1").enable_termination_protection

    stage.become(protected=False)
    stage.deploy()
    assert not cloud.stack("shop-dev-home").enable_termination_protection
    assert "shop-dev-home: termination protection is off" in stage.text


def test_no_secret_is_ever_said(stage: Stage) -> None:
    stage.deploy()
    stage.templates["edge"]["Resources"]["Distribution"]["Properties"]["DisplayName"] = {"Ref": "OriginSecret"}
    stage.deploy()

    held = stage.held()
    assert held["SECRET_KEY"] == "from CloudFormation"
    for value in (held["SECRET_KEY"], held["ORIGIN_SECRETS"], held["MEDIA_PRIVATE_KEY"].splitlines()[1]):
        assert value not in stage.text


def test_the_first_reason_of_a_failure_is_named(stage: Stage, cloud: Cloud) -> None:
    cloud.failing["shop-dev-home"] = "MediaBucket|shop-dev-media already exists"

    with pytest.raises(StackFailed) as failure:
        stage.deploy()

    text = str(failure.value)
    assert "MediaBucket (AWS::S3::Bucket) failed first: shop-dev-media already exists." in text
    assert "Names of S3 buckets are shared by all accounts" in text
    assert "stack destroy dev --remains" in text
    assert cloud.names("us-east-1") == []

    stacks.remove_remains(stage.config, terminal=stage.terminal)
    stage.deploy()  # goes on where it was


def test_what_a_rollback_could_not_remove_is_said_with_the_way_out(stage: Stage, cloud: Cloud) -> None:
    stage.become(protected=True)
    database = ("Database", "AWS::RDS::DBInstance", "shop-dev-a1b2c3")
    cloud.failing[HOME] = "DefaultQueue|no such zone"
    cloud.staying[HOME] = database
    with pytest.raises(
        StackFailed, match=r"Not all of what .* is removed again \(ROLLBACK_FAILED\).*destroy dev --remains"
    ):
        stage.deploy()
    stacks.remove_remains(stage.config, terminal=stage.terminal)

    stage.deploy()
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 1800
    cloud.failing[HOME] = "DefaultQueue|no such zone"
    cloud.staying[HOME] = database
    with pytest.raises(
        StackFailed, match=r"(?s)AWS::RDS::DBInstance shop-dev-a1b2c3.*shop-dev-a1b2c3 --no-deletion-prot"
    ):
        stage.deploy()


def test_an_update_that_fails_leaves_what_was(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 1800
    cloud.failing["shop-dev-home"] = "DefaultQueue|Visibility is too high"

    with pytest.raises(StackFailed, match=r"Visibility is too high[.] Everything in it is as it was before"):
        stage.deploy()


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("ROLLBACK_COMPLETE", "begun and never finished.*stack destroy dev --remains"),
        ("REVIEW_IN_PROGRESS", "begun and never finished.*stack destroy dev --remains"),
        ("UPDATE_ROLLBACK_FAILED", "stuck between two versions.*continue-update-rollback --stack-name shop-dev-home"),
        ("DELETE_FAILED", "could not be deleted.*stack destroy dev --yes-destroy shop-dev"),
        ("UPDATE_IN_PROGRESS", "Somebody else is at it.*describe-stacks --stack-name shop-dev-home"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Somebody else is at it"),
    ],
)
def test_a_half_made_stack_is_left_alone(stage: Stage, cloud: Cloud, status: str, sentence: str) -> None:
    stage.deploy()
    cloud.stack("shop-dev-home").status = status
    cloud.calls.clear()

    for action in (stage.deploy, stage.diff):
        with pytest.raises(StackUnfinished, match=sentence):
            action()
    assert set(cloud.calls) == {"GetCallerIdentity", "DescribeStacks"}


def test_a_stack_of_another_project_is_not_touched(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    cloud.stack("shop-dev-home").tags = {"project": "another", "stage": "dev"}

    with pytest.raises(StackRefused, match="a stack shop-dev-home in eu-central-1 that this project has not made"):
        stage.deploy()


def test_credentials_that_may_not_are_told_what(stage: Stage, cloud: Cloud) -> None:
    cloud.refuse(
        "CreateStack", "AccessDenied", message="User ann is not authorized to perform: cloudformation:CreateStack"
    )

    with pytest.raises(AwsDenied, match=r"these credentials may not [(]User ann .* cloudformation:CreateStack"):
        stage.deploy()


def test_a_region_that_is_not_enabled(stage: Stage, cloud: Cloud) -> None:
    cloud.refuse("GetCallerIdentity", "InvalidClientTokenId")  # there, and good in us-east-1

    with pytest.raises(CredentialsInvalid, match="123456789012 has not enabled the region eu-central-1"):
        stage.deploy()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_credentials_that_are_no_good(stage: Stage, cloud: Cloud, code: str) -> None:
    cloud.refuse("GetCallerIdentity", code, times=2)

    with pytest.raises(CredentialsInvalid, match="aws sts get-caller-identity"):
        stage.deploy()
    assert set(cloud.calls) <= {"CreateSecret", "GetCallerIdentity"}


def test_a_template_that_cloudformation_does_not_take(
    stage: Stage, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.deploy()
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 99_999
    original = CloudFormationBackend.describe_change_set

    def describe(self: Any, change_set_name: str) -> Any:
        found: Any = original(self, change_set_name)
        found.status, found.status_reason = "FAILED", "VisibilityTimeout is at most 43200"
        return found

    monkeypatch.setattr(CloudFormationBackend, "describe_change_set", describe)

    with pytest.raises(StackRefused, match=r"does not take the template of shop-dev-.*: VisibilityTimeout is at most"):
        stage.diff()
    assert "DeleteChangeSet" in cloud.calls


def test_a_comparison_that_is_not_answered_leaves_no_change_set(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 1800
    cloud.refuse("DescribeChangeSet", "AccessDenied", times=9)

    with pytest.raises(AwsDenied, match="Comparing the stack shop-dev-releases"):
        stage.diff()
    assert cloud.change_sets() == []


def test_leaving_between_two_stacks(stage: Stage, cloud: Cloud) -> None:
    def log(line: str) -> None:
        if line.startswith("The app secret has got"):
            raise KeyboardInterrupt
        stage.said.append(line)

    terminal = Terminal(log=log, ask=lambda _: True, pause_s=0)
    with pytest.raises(Interrupted, match="Stopped between two stacks"):
        stacks.deploy(stage.config, stage.templates, terminal=terminal)

    stage.deploy()
    assert cloud.names("us-east-1") == ["shop-dev-edge"]


@pytest.mark.parametrize("code", ["ChangeSetNotFound", "InvalidChangeSetStatus"])
def test_somebody_who_was_quicker(stage: Stage, cloud: Cloud, code: str) -> None:
    stage.deploy()
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 1800
    cloud.refuse("ExecuteChangeSet", code)

    with pytest.raises(StackUnfinished, match="Somebody else has changed the stack shop-dev-home since"):
        stage.deploy()


def test_a_region_that_the_stage_is_not_in(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    stage.become(region="eu-west-1")
    for name in ("shop-dev-home", "shop-dev-releases"):
        assert name not in cloud.names("eu-west-1")

    with pytest.raises(
        StackRefused, match=r"edge serves from the ApiDomain, and there is no shop-dev-home in eu-west-1"
    ):
        stage.deploy(assume_yes=True)
    assert cloud.names("eu-west-1") == []

    assert stage.diff()
    assert "If the stage is in another region" in stage.text


def test_a_region_whose_databases_nobody_could_connect_to(stage: Stage, cloud: Cloud) -> None:
    stage.become(region="il-central-1")
    for attempt in (stage.deploy, stage.diff):
        with pytest.raises(
            StackRefused, match=r"In il-central-1 no release .*\n.*\n +python -m serverless.deploy.roots"
        ):
            attempt()
    assert (cloud.names("il-central-1"), stage.asked) == ([], [])


def test_a_region_that_is_lost(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    key = stage.held()["MEDIA_PRIVATE_KEY"]
    s3, stacks_there = aws.client("s3", region=REGION), aws.client("cloudformation", region=REGION)
    for entry in s3.list_objects_v2(Bucket="shop-dev-static")["Contents"]:
        s3.delete_object(Bucket="shop-dev-static", Key=entry["Key"])
    for name in ("shop-dev-home", "shop-dev-releases"):
        stacks_there.delete_stack(StackName=name)
    s3.delete_bucket(Bucket="shop-dev-releases")  # retained
    stage.hold(MEDIA_PRIVATE_KEY="")  # as the new home's secret has none

    with pytest.raises(StackRefused, match=r"has lost its MEDIA_PRIVATE_KEY.*from the secret's replica"):
        stage.deploy(replace=["shop-dev-home"])

    stage.hold(MEDIA_PRIVATE_KEY=key)
    stage.deploy()
    assert cloud.names() == ["shop-dev-releases", "shop-dev-home"]


def test_a_question_that_is_broken_off(stage: Stage, cloud: Cloud) -> None:
    def leave(_: str) -> bool:
        raise KeyboardInterrupt

    terminal = Terminal(log=stage.said.append, ask=leave, pause_s=0)
    with pytest.raises(Interrupted, match=r"before anything was changed[.] Go on with .*stack deploy dev"):
        stacks.deploy(stage.config, stage.templates, terminal=terminal)
    assert cloud.names() == []


def test_a_stack_that_is_left_to_itself(stage: Stage, cloud: Cloud) -> None:
    def log(line: str) -> None:
        if "MediaBucket (AWS" in line:
            raise KeyboardInterrupt
        stage.said.append(line)

    terminal = Terminal(log=log, ask=lambda _: True, pause_s=0)
    with pytest.raises(Interrupted, match="CloudFormation goes on with the stack shop-dev-home"):
        stacks.deploy(stage.config, stage.templates, terminal=terminal)

    stage.deploy()
    assert cloud.names("us-east-1") == ["shop-dev-edge"]


def test_a_release_bucket_that_is_gone_comes_back_first(stage: Stage, cloud: Cloud) -> None:
    stage.templates["home"]["Metadata"] = {"Padding": "x" * 60_000}
    stage.templates["releases"]["Resources"]["ReleaseBucket"].pop("DeletionPolicy")
    stage.deploy()
    s3 = aws.client("s3", region=REGION)
    for entry in s3.list_objects_v2(Bucket="shop-dev-releases")["Contents"]:
        s3.delete_object(Bucket="shop-dev-releases", Key=entry["Key"])
    aws.client("cloudformation", region=REGION).delete_stack(StackName="shop-dev-releases")
    stage.templates["home"]["Resources"]["DefaultQueue"]["Properties"]["VisibilityTimeout"] = 1800
    stage.asked.clear()

    stage.deploy()

    assert len(stage.asked) == 2  # the second plan needs what the first one makes
    assert not stage.diff()


def test_functions_that_serve_are_not_cut_off_without_a_page(stage: Stage, cloud: Cloud) -> None:
    """They learn another way to the database with the next release only."""
    properties = {
        "DBInstanceIdentifier": "shop-dev", "DBInstanceClass": "db.t4g.small", "Engine": "postgres",
        "AllocatedStorage": "20", "MasterUsername": "founder", "MasterUserPassword": "only-for-tests",
    }  # fmt: skip
    stage.templates["home"]["Resources"]["Database"] = {"Type": "AWS::RDS::DBInstance", "Properties": properties}
    stage.deploy()
    stacks.functions_live(stage.config, log=stage.said.append, pause_s=0)
    del stage.templates["home"]["Resources"]["Database"]
    stage.said.clear()

    assert stage.diff()
    assert "no page works" in stage.text
    with pytest.raises(StackRefused, match=r"(?s)Nothing was changed.*Database.*maintenance on dev.*zappa update dev"):
        stage.deploy(replace=["Database"])
    assert cloud.change_sets() == []

    maintenance = {EdgeParameter.MAINTENANCE: "yes"}
    stacks.set_parameters(stage.config, "edge", maintenance, log=stage.said.append, pause_s=0)
    stage.deploy(replace=["Database"])
    assert "Database" not in cloud.stack(HOME).template_dict["Resources"]
