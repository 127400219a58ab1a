"""RDS Proxy of the standard profile."""

from typing import Any

from troposphere import Template

from serverless.stack.home import database, network
from serverless.stack.profiles import PROFILES, Profile
from tests.serverless.stack.facts import config, of_home


def test_frugal_has_none() -> None:
    assert not of_home("frugal").all("RDS::DBProxy")
    assert not of_home("frugal").all("RDS::DBProxyTargetGroup")


def test_both_sides_sign_in_by_iam_over_tls() -> None:
    proxy = of_home().one("RDS::DBProxy")
    assert (proxy["DefaultAuthScheme"], proxy["RequireTLS"], proxy["DebugLogging"]) == ("IAM_AUTH", True, False)
    assert "Auth" not in proxy, "secrets of users: there are none"
    assert proxy["VpcSecurityGroupIds"] == [{"Fn::GetAtt": ["ProxyGroup", "GroupId"]}]


def test_who_waits_for_a_connection_is_told_before_the_gateway_gives_up() -> None:
    targets = of_home().one("RDS::DBProxyTargetGroup")
    assert 3 <= targets["ConnectionPoolConfigurationInfo"]["ConnectionBorrowTimeout"] <= 5
    assert targets["DBInstanceIdentifiers"] == [{"Ref": "Database"}]


def test_a_full_pool_leaves_connections_to_the_migrator_and_is_no_alarm() -> None:
    targets, database = of_home().one("RDS::DBProxyTargetGroup"), PROFILES["standard"].database_connections
    most = targets["ConnectionPoolConfigurationInfo"]["MaxConnectionsPercent"] / 100 * database
    alarm = of_home().resource("DatabaseConnectionsAlarm")["Properties"]["Threshold"]
    assert most < alarm < database


def test_its_role_connects_as_web_and_worker_to_this_database_and_does_nothing_else() -> None:
    (policy,) = of_home().resource("ProxyRole")["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "rds-db:connect"
    arn = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Id}/"
    resource_id = {"Id": {"Fn::GetAtt": ["Database", "DbiResourceId"]}}
    assert statement["Resource"] == [{"Fn::Sub": [f"{arn}{user}", resource_id]} for user in ("web", "worker")]


def test_its_log_forgets_and_is_there_first() -> None:
    assert of_home().resource("Proxy")["DependsOn"] == "ProxyLog"
    groups = of_home(log_retention_days=7).all("Logs::LogGroup")
    assert groups["ProxyLog"] == {"LogGroupName": "/aws/rds/proxy/shop-prod", "RetentionInDays": 7}


def test_roles_are_told_the_id_that_tokens_are_for() -> None:
    standard, frugal = _database("standard"), _database("frugal")
    assert standard.proxy_name is not None
    assert standard.proxy_name.to_dict() == {"Ref": "Proxy"}
    arn = {"Fn::GetAtt": ["Proxy", "DBProxyArn"]}
    assert standard.resource_id.to_dict() == {"Fn::Select": [6, {"Fn::Split": [":", arn]}]}
    assert frugal.proxy_name is None
    instance = {"Fn::GetAtt": ["Database", "DbiResourceId"]}
    for reference in (frugal.resource_id, frugal.direct_resource_id, standard.direct_resource_id):
        assert reference.to_dict() == instance


def _database(profile: Profile) -> Any:
    template, stage = Template(), config(profile)
    return database.add(template, stage, network.add(template, stage))
