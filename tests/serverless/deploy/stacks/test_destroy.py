"""``stack destroy``, against moto."""

import pytest

from serverless import aws
from serverless.deploy import stacks
from serverless.deploy.stacks import StackFailed, StackRefused, StackUnfinished
from tests.serverless.deploy.stacks.cloud import Cloud, event
from tests.serverless.deploy.stacks.conftest import REGION, Stage

HOME, EDGE, RELEASES = "shop-dev-home", "shop-dev-edge", "shop-dev-releases"


def test_a_stage_goes_and_what_remains_is_named(stage: Stage, cloud: Cloud) -> None:
    stage.templates["home"]["Resources"]["LogBucket"]["DeletionPolicy"] = "Retain"
    stage.deploy()
    s3 = aws.client("s3", region=REGION)
    s3.put_bucket_versioning(Bucket="shop-dev-media", VersioningConfiguration={"Status": "Enabled"})
    for text in (b"one", b"two"):
        s3.put_object(Bucket="shop-dev-media", Key="a", Body=text)
    s3.delete_object(Bucket="shop-dev-media", Key="a")

    stage.destroy()

    assert cloud.names() == [RELEASES]
    assert cloud.names("us-east-1") == []
    assert sorted(entry["Name"] for entry in s3.list_buckets()["Buckets"]) == ["shop-dev-log", "shop-dev-releases"]
    assert "shop-dev-media: 3 objects deleted" in stage.text
    assert "AWS::S3::Bucket shop-dev-log, retained" in stage.text
    assert f"{RELEASES}, the stack of the release bucket" in stage.text
    lines = [line for line in stage.said if line.endswith("deleting it")]
    assert lines == [f"{EDGE}: deleting it", f"{HOME}: deleting it"]


def test_the_release_bucket_is_kept_when_its_stack_goes(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()

    stage.destroy(releases=True)

    assert cloud.names() == []
    assert "AWS::S3::Bucket shop-dev-releases, retained" in stage.text


def test_another_name_destroys_nothing(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()

    with pytest.raises(StackRefused, match=r"destroy dev --yes-destroy shop-dev"):
        stage.destroy(named="shop")
    assert cloud.names() == [RELEASES, HOME]


def test_a_protected_stage_stays(stage: Stage, cloud: Cloud) -> None:
    stage.become(protected=True)
    stage.deploy()
    with pytest.raises(StackRefused, match=r"is protected, and nothing was destroyed. Set protected = false"):
        stage.destroy()

    stage.become(protected=False)  # in the file, but not on AWS yet
    with pytest.raises(StackRefused, match=r"stack deploy dev"):
        stage.destroy()
    assert cloud.names() == [RELEASES, HOME]

    stage.deploy()
    stage.destroy()
    assert cloud.names() == [RELEASES]


def test_what_is_being_changed_is_not_destroyed(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    cloud.stack(HOME).status = "UPDATE_IN_PROGRESS"

    with pytest.raises(StackUnfinished, match=f"{HOME} is UPDATE_IN_PROGRESS"):
        stage.destroy()
    assert cloud.names("us-east-1") == [EDGE]


def test_a_stack_of_another_project_is_not_destroyed(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    cloud.stack(EDGE, "us-east-1").tags = {}

    with pytest.raises(StackRefused, match="that this project has not made"):
        stage.destroy()
    assert cloud.names("us-east-1") == [EDGE]


def test_a_resource_that_does_not_go(stage: Stage, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.deploy()
    stack = cloud.stack(EDGE, "us-east-1")

    def stuck() -> None:
        for name, status, reason, physical in (
            ("Distribution", "DELETE_FAILED", "still enabled", "d"),
            (EDGE, "DELETE_FAILED", "", stack.stack_id),
        ):
            stack.events.append(event(stack, name, "AWS::SNS::Topic", status, reason=reason, physical_id=physical))

    monkeypatch.setattr(stack, "delete", stuck)

    with pytest.raises(StackFailed, match=r"Distribution \(AWS::SNS::Topic\) failed first: still enabled"):
        stage.destroy()
    assert cloud.names() == [RELEASES, HOME]  # what home holds is still in use


def test_nothing_there_is_no_error(stage: Stage) -> None:
    stage.destroy()

    assert stage.said[-1] == "shop-dev is gone."


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_remains_are_removed_even_where_a_stage_is_protected(stage: Stage, cloud: Cloud, status: str) -> None:
    stage.become(protected=True)
    stage.deploy()
    cloud.stack(EDGE, "us-east-1").status = status

    stacks.remove_remains(stage.config, terminal=stage.terminal)

    assert cloud.names("us-east-1") == []
    assert cloud.names() == [RELEASES, HOME]
    stage.said.clear()
    stacks.remove_remains(stage.config, terminal=stage.terminal)
    assert stage.said == ["No stack of shop-dev was left unfinished."]
