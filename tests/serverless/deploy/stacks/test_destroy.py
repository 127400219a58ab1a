"""``stack destroy``, against moto."""

from typing import Any

import pytest

from serverless import aws
from serverless.deploy import stacks
from serverless.deploy.stacks import StackFailed, StackRefused, StackUnfinished, Terminal, functions
from serverless.stack.outputs import HomeOutput
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


DATABASE: dict[str, Any] = {
    "Type": "AWS::RDS::DBInstance",
    "DeletionPolicy": "Snapshot",
    "Properties": {
        "DBInstanceIdentifier": "shop-dev", "DBInstanceClass": "db.t4g.small", "Engine": "postgres",
        "AllocatedStorage": "20", "MasterUsername": "founder", "MasterUserPassword": "only-for-tests",
    },
}  # fmt: skip


def test_a_protected_database_of_a_stack_that_was_never_finished_goes_with_it(stage: Stage, cloud: Cloud) -> None:
    """RDS refuses to delete it, so that the rollback of the first deploy could not."""
    stage.become(protected=True)
    stage.templates["home"]["Resources"]["Database"] = DATABASE
    stage.deploy()
    cloud.stack(HOME).status = "ROLLBACK_FAILED"
    rds = aws.client("rds", region=REGION)
    rds.modify_db_instance(
        DBInstanceIdentifier="shop-dev", DeletionProtection=True
    )  # moto does not read it in templates
    with pytest.raises(rds.exceptions.ClientError, match="Cannot delete protected DB Instance"):
        rds.delete_db_instance(DBInstanceIdentifier="shop-dev", SkipFinalSnapshot=True)

    stacks.remove_remains(stage.config, terminal=stage.terminal)

    assert HOME not in cloud.names()
    assert rds.describe_db_instances()["DBInstances"] == []
    assert "shop-dev: may be deleted, since its stack was never finished" in stage.text


def test_a_database_that_is_gone_is_in_nobodys_way(stage: Stage, cloud: Cloud) -> None:
    stage.templates["home"]["Resources"]["Database"] = DATABASE
    stage.deploy()
    cloud.stack(HOME).status = "ROLLBACK_FAILED"
    cloud.refuse("ModifyDBInstance", "DBInstanceNotFound")
    stacks.remove_remains(stage.config, terminal=stage.terminal)
    assert HOME not in cloud.names()


def test_roles_and_subnets_outlive_the_interfaces_of_functions(stage: Stage, cloud: Cloud) -> None:
    """Lambda removes those as the functions, minutes after these are gone."""
    group, interfaces = _interfaces(2)
    stage.templates["home"]["Outputs"][HomeOutput.SECURITY_GROUP]["Value"] = group
    stage.deploy()
    ec2, asked = aws.client("ec2", region=REGION), []

    def log(line: str) -> None:
        stage.said.append(line)
        if "network interfaces" in line:
            asked.append(HOME in cloud.names())
            ec2.delete_network_interface(NetworkInterfaceId=interfaces.pop())

    terminal = Terminal(log=log, ask=lambda _: True, pause_s=0)
    stacks.destroy(stage.config, named=stage.config.prefix, releases=False, terminal=terminal)

    assert asked == [True, True]
    assert interfaces == []
    assert cloud.names() == [RELEASES]


def test_interfaces_that_stay_end_it_before_anything_else_is_deleted(
    stage: Stage, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, _ = _interfaces(1)
    stage.templates["home"]["Outputs"][HomeOutput.SECURITY_GROUP]["Value"] = group
    stage.deploy()
    monkeypatch.setattr(functions, "_PATIENCE_S", -1.0)
    with pytest.raises(StackFailed, match=r"still has 1 network interfaces in shop-dev.*--yes-destroy shop-dev` again"):
        stage.destroy()
    assert HOME in cloud.names()


def _interfaces(count: int) -> tuple[str, list[str]]:
    """Make what Lambda keeps in the subnets of functions."""
    ec2 = aws.client("ec2", region=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="functions", Description="functions", VpcId=vpc)["GroupId"]
    made = [ec2.create_network_interface(SubnetId=subnet, Groups=[group]) for _ in range(count)]
    return group, [each["NetworkInterface"]["NetworkInterfaceId"] for each in made]


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
