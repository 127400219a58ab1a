"""The database: what it is, what watches it, and what keeps it."""

from typing import Any

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

BOTH: list[Profile] = ["standard", "frugal"]


def _database(profile: Profile = "standard", **more: Any) -> Any:
    return of_home(profile, **more).one("RDS::DBInstance")


@pytest.mark.parametrize("profile", BOTH)
def test_nobody_has_a_password_but_rds(profile: Profile) -> None:
    database = _database(profile)
    assert database["ManageMasterUserPassword"] is True
    assert database["EnableIAMDatabaseAuthentication"] is True
    assert "MasterUserPassword" not in database
    secret = of_home(profile).output("DatabaseAdminSecretArn")
    assert secret == {"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}


@pytest.mark.parametrize("profile", BOTH)
def test_it_is_private_encrypted_and_kept_up_to_date(profile: Profile) -> None:
    database = _database(profile)
    assert database["StorageEncrypted"] is True
    assert database["PubliclyAccessible"] is False
    assert database["AutoMinorVersionUpgrade"] is True
    assert database["AllowMajorVersionUpgrade"] is False
    assert database["CACertificateIdentifier"] == "rds-ca-rsa2048-g1", "verify-full trusts the root that it knows"
    assert database["VPCSecurityGroups"] == [{"Fn::GetAtt": ["DatabaseGroup", "GroupId"]}]
    assert of_home(profile).one("RDS::DBSubnetGroup")["SubnetIds"] == [{"Ref": "DataSubnet1"}, {"Ref": "DataSubnet2"}]


@pytest.mark.parametrize("profile", BOTH)
def test_nothing_is_paid_for_a_version_that_has_ended(profile: Profile) -> None:
    assert _database(profile)["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    restored = _database(profile, database_snapshot="shop-20261123")
    assert restored["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"


def test_standard_survives_a_zone_and_frugal_is_the_smallest_that_iam_leaves_memory() -> None:
    standard, frugal = _database("standard"), _database("frugal")
    assert (standard["DBInstanceClass"], standard["MultiAZ"]) == ("db.t4g.small", True)
    assert (frugal["DBInstanceClass"], frugal["MultiAZ"]) == ("db.t4g.small", False)
    assert (standard["BackupRetentionPeriod"], frugal["BackupRetentionPeriod"]) == (14, 7)


@pytest.mark.parametrize("profile", BOTH)
def test_a_protected_database_cannot_be_deleted_and_leaves_everything(profile: Profile) -> None:
    facts = of_home(profile, protected=True)
    assert facts.resource("Database")["DeletionPolicy"] == "Snapshot"
    assert facts.resource("Database")["UpdateReplacePolicy"] == "Snapshot"
    database = facts.one("RDS::DBInstance")
    assert (database["DeletionProtection"], database["DeleteAutomatedBackups"]) == (True, False)
    assert database["CopyTagsToSnapshot"] is True


@pytest.mark.parametrize("profile", BOTH)
def test_a_restored_database_is_another_one_with_what_the_snapshot_holds(profile: Profile) -> None:
    """Under its own name, since CloudFormation makes it before the one that served goes."""
    before, restored = _database(profile), _database(profile, database_snapshot="shop-20261123")
    assert (before["DBName"], before["MasterUsername"]) == ("app", "founder")
    assert restored["DBSnapshotIdentifier"] == "shop-20261123"
    assert {"DBName", "MasterUsername"}.isdisjoint(restored)
    assert restored["DBInstanceIdentifier"] != before["DBInstanceIdentifier"]
    assert _database(profile, database_snapshot="other")["DBInstanceIdentifier"] != restored["DBInstanceIdentifier"]
    facts = of_home(profile, database_snapshot="shop-20261123")
    groups = [group["LogGroupName"] for group in facts.all("Logs::LogGroup").values()]
    assert f"/aws/rds/instance/{restored['DBInstanceIdentifier']}/postgresql" in groups


@pytest.mark.parametrize("profile", BOTH)
def test_an_unprotected_database_goes_without_a_trace(profile: Profile) -> None:
    facts = of_home(profile, protected=False)
    assert facts.resource("Database")["DeletionPolicy"] == "Delete"
    database = facts.one("RDS::DBInstance")
    assert (database["DeletionProtection"], database["DeleteAutomatedBackups"]) == (False, True)


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
REPLACES = (
    *("DBInstanceIdentifier", "DBName", "MasterUsername", "StorageEncrypted", "KmsKeyId", "DBSubnetGroupName"),
    *("Port", "AvailabilityZone", "CharacterSetName", "Timezone", "DBSnapshotIdentifier", "SourceDBInstanceIdentifier"),
)


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "frugal", "web_concurrency": 20},
        {"protected": False},
        {"log_retention_days": 90},
        {"domain": "shop.example", "queues": ("default", "mail"), "alarm_email": "ops@shop.example"},
    ],
)
def test_no_setting_of_a_stage_replaces_its_database(change: dict[str, Any]) -> None:
    before, after = _database(), _database(**change)
    assert {key: before.get(key) for key in REPLACES} == {key: after.get(key) for key in REPLACES}


def test_its_name_and_first_user_are_these_for_ever() -> None:
    database = _database()
    assert (database["DBInstanceIdentifier"], database["DBName"]) == ("shop-prod", "app")
    assert (database["MasterUsername"], database["Port"]) == ("founder", "5432")
    assert of_home().output("DatabaseName") == "app"


@pytest.mark.parametrize(("profile", "connections"), [("standard", "160"), ("frugal", "80")])
def test_parameters(profile: Profile, connections: str) -> None:
    group = of_home(profile).one("RDS::DBParameterGroup")
    parameters = group["Parameters"]
    assert group["Family"] == f"postgres{_database(profile)['EngineVersion']}"
    assert (parameters["rds.force_ssl"], parameters["timezone"]) == ("1", "UTC")
    assert parameters["shared_preload_libraries"] == "pg_stat_statements"
    assert parameters["max_connections"] == connections


def test_logs_hold_no_values() -> None:
    parameters = of_home().one("RDS::DBParameterGroup")["Parameters"]
    assert parameters["log_parameter_max_length"] == parameters["log_parameter_max_length_on_error"] == "0"
    assert parameters["log_error_verbosity"] == "terse"
    assert parameters["log_statement"] == "ddl"


@pytest.mark.parametrize("profile", BOTH)
def test_each_log_has_a_group_that_forgets_before_rds_makes_one_that_does_not(profile: Profile) -> None:
    facts = of_home(profile, log_retention_days=14)
    groups = {each["LogGroupName"]: each for each in facts.all("Logs::LogGroup").values()}
    for kind in facts.one("RDS::DBInstance")["EnableCloudwatchLogsExports"]:
        assert groups[f"/aws/rds/instance/shop-prod/{kind}"]["RetentionInDays"] == 14
    assert len(facts.resource("Database")["DependsOn"]) == 3


def test_the_host_is_watched_where_it_is_paid() -> None:
    assert _database("standard")["MonitoringInterval"] == 60
    assert "MonitoringInterval" not in _database("frugal")
    role = of_home("standard").resource("DatabaseMonitoringRole")["Properties"]
    for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
        assert statement["Resource"]["Fn::Sub"].partition("log-group:")[2].startswith("RDS*")
    trust = role["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_functions_connect_to_the_proxy_where_there_is_one_and_the_migrator_never() -> None:
    direct = {"Fn::GetAtt": ["Database", "Endpoint.Address"]}
    assert of_home("standard").output("DatabaseHost") == {"Fn::GetAtt": ["Proxy", "Endpoint"]}
    assert of_home("frugal").output("DatabaseHost") == direct
    assert {str(of_home(profile).output("DatabaseDirectHost")) for profile in BOTH} == {str(direct)}
