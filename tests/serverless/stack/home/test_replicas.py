"""Read replicas: copies of the database that web may read, and what it takes to reach and to watch them."""

from typing import Any

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

BOTH: list[Profile] = ["standard", "frugal"]


def _replica(profile: Profile = "standard", **more: Any) -> Any:
    facts = of_home(profile, replicas=1, web_concurrency=40, **more)
    return facts.resource("Replica1")


@pytest.mark.parametrize("profile", BOTH)
def test_a_stage_has_none_unless_it_says_so(profile: Profile) -> None:
    facts = of_home(profile)
    assert facts.all("RDS::DBInstance").keys() == {"Database"}
    assert "DatabaseReplicaHosts" not in facts.document["Outputs"]


@pytest.mark.parametrize("profile", BOTH)
def test_it_is_a_copy_met_as_its_source_is(profile: Profile) -> None:
    facts = of_home(profile, replicas=2, web_concurrency=40)
    databases = facts.all("RDS::DBInstance")
    source = databases.pop("Database")
    assert databases.keys() == {"Replica1", "Replica2"}
    for replica in databases.values():
        assert replica["SourceDBInstanceIdentifier"] == {"Ref": "Database"}
        for same in ("DBParameterGroupName", "DBSubnetGroupName", "VPCSecurityGroups", "CACertificateIdentifier",
                     "EnableIAMDatabaseAuthentication", "PubliclyAccessible", "Port", "StorageType"):  # fmt: skip
            assert replica[same] == source[same], same


@pytest.mark.parametrize("protected", [True, False])
def test_it_holds_nothing_of_its_own(protected: bool) -> None:
    """RDS refuses what is about data: a name of the database, its first user, backups, a last snapshot, a size."""
    replica = _replica(protected=protected)
    assert replica["DeletionPolicy"] == replica["UpdateReplacePolicy"] == "Delete"
    refused = {"AllocatedStorage", "BackupRetentionPeriod", "DBInstanceIdentifier", "DBName", "DBSnapshotIdentifier",
               "DeletionProtection", "ManageMasterUserPassword", "MasterUsername", "StorageEncrypted"}  # fmt: skip
    assert not refused & replica["Properties"].keys()
    restored = of_home(replicas=1, database_snapshot="shop-20261123").resource("Replica1")
    assert not refused & restored["Properties"].keys()


def test_functions_reach_it_and_web_may_log_in() -> None:
    facts = of_home(replicas=2)
    assert facts.output("DatabaseReplicaHosts") == {
        "Fn::Join": [",", [{"Fn::GetAtt": [f"Replica{n}", "Endpoint.Address"]} for n in (1, 2)]]
    }
    (ingress,) = [
        rule
        for rule in facts.all("EC2::SecurityGroupIngress").values()
        if rule["GroupId"] == _replica()["Properties"]["VPCSecurityGroups"][0]
        and rule["SourceSecurityGroupId"] == {"Fn::GetAtt": ["FunctionsGroup", "GroupId"]}
    ]
    assert ingress["FromPort"] == 5432
    allowed = {}
    for name, role in facts.all("IAM::Role").items():
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            if statement.get("Sid") == "ConnectToReplicas":
                allowed[name] = statement["Resource"]
    users = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Database}/web"
    assert allowed == {
        "WebRole": [
            {"Fn::Sub": [users, {"Database": {"Fn::GetAtt": [f"Replica{n}", "DbiResourceId"]}}]} for n in (1, 2)
        ]
    }


def test_lag_and_connections_ring_and_are_drawn() -> None:
    alarms = of_home(replicas=1).all("CloudWatch::Alarm")
    lag, open_ = alarms["ReplicaLagAlarm1"], alarms["ReplicaConnectionsAlarm1"]
    assert lag["Dimensions"] == open_["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": {"Ref": "Replica1"}}]
    assert (lag["MetricName"], lag["TreatMissingData"]) == ("ReplicaLag", "breaching")
    assert lag["Threshold"] > 300, "an idle source looks like so much"
    assert (open_["MetricName"], open_["Threshold"]) == ("DatabaseConnections", 0.8 * 160)
    body = of_home(replicas=1).one("CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"][0]
    assert '"Replicas: behind, s"' in body
    assert '"Replicas: ' not in of_home().one("CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"][0]
