"""RDS for PostgreSQL: the only thing here that cannot be made again.

What CloudFormation would replace an instance for (its name, first user, first database, encryption) comes from
constants and the prefix, and what has a name it does not replace: a change that asks for that fails and leaves the
database, where a nameless one would be made anew, empty. The name is also that of its logs, which have an end only in
groups that were there before it. Its data go with it only where ``protected`` is off.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from troposphere import GetAtt, Output, Ref, Sub, Tags, Template, iam, logs, rds

from serverless.stack.config import StackConfig
from serverless.stack.home import proxy, replicas
from serverless.stack.home.groups import DATABASE_PORT
from serverless.stack.home.parts import Database, Network
from serverless.stack.home.policy import document, trust
from serverless.stack.outputs import HomeOutput
from serverless.stack.profiles import PROFILES, STORAGE_GB

__all__ = ["DATABASE_NAME", "FIRST_USER", "add"]

# RDS Proxy follows PostgreSQL's new versions by months; minor versions come by themselves.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.RDS_Fea_Regions_DB-eng.Feature.RDSProxy.html
_VERSION: Final = "17"
# RDS takes a major version for its newest minor one; cfn-lint only knows lists of both.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Troubleshooting.html
_NO_MINOR_VERSION: Final = {"cfn-lint": {"config": {"ignore_checks": ["W3691"]}}}
DATABASE_NAME: Final = "app"
# "admin" and "rdsadmin" are refused. Only `manage.py db bootstrap` is this user.
FIRST_USER: Final = "founder"
_STORAGE_MOST_GB: Final = 200
# The one whose root the bundle of trust holds; RDS's default changes now and then.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
_CERTIFICATE: Final = "rds-ca-rsa2048-g1"
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html
_LOGS: Final = ("postgresql", "upgrade", "iam-db-auth-error")
_SLOW_MS: Final = 500
_MONITORING: Final = "DatabaseMonitoringRole"
# When RDS ends a major version, it would go on for money that nobody has agreed to: 146 USD a month for two vCPUs, as
# much again for a standby. Without, RDS upgrades by itself then. It is a choice of the making, and of restoring.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html
_LIFECYCLE: Final = "open-source-rds-extended-support-disabled"


def add(template: Template, config: StackConfig, network: Network) -> Database:
    """Add the instance, and the proxy where the profile has one."""
    sizes = PROFILES[config.profile]
    shared = _shared(template, config, network)
    instance = template.add_resource(_instance(template, config, shared))
    for key, attribute in _OUTPUTS.items():
        template.add_output(Output(key, Value=GetAtt(instance, attribute)))
    template.add_output(Output(HomeOutput.DATABASE_NAME, Value=DATABASE_NAME))
    direct = GetAtt(instance, "Endpoint.Address")
    resource_id = GetAtt(instance, "DbiResourceId")
    through = None
    if sizes.proxy:
        through = proxy.add(template, config, network, instance=Ref(instance), resource_id=resource_id)
    host = through.host if through else direct
    template.add_output(Output(HomeOutput.DATABASE_HOST, Value=host))
    return Database(
        host=host,
        resource_id=through.resource_id if through else resource_id,
        direct_host=direct,
        direct_resource_id=resource_id,
        port=GetAtt(instance, "Endpoint.Port"),
        name=DATABASE_NAME,
        admin_secret=GetAtt(instance, "MasterUserSecret.SecretArn"),
        identifier=Ref(instance),
        proxy_name=through.name if through else None,
        max_connections=sizes.database_connections,
        replicas=replicas.add(template, config, source=Ref(instance), like=shared | _figures(config)),
    )


_OUTPUTS: Final = {
    HomeOutput.DATABASE_DIRECT_HOST: "Endpoint.Address",
    HomeOutput.DATABASE_PORT: "Endpoint.Port",
    HomeOutput.DATABASE_ADMIN_SECRET: "MasterUserSecret.SecretArn",
}


def _instance(template: Template, config: StackConfig, shared: Mapping[str, Any]) -> rds.DBInstance:
    sizes = PROFILES[config.profile]
    return rds.DBInstance(
        "Database",
        DBInstanceIdentifier=_identifier(config),
        EngineVersion=_VERSION,
        EngineLifecycleSupport=_LIFECYCLE,
        ManageMasterUserPassword=True,
        DBInstanceClass=sizes.database_class,
        MultiAZ=sizes.multi_az,
        AllowMajorVersionUpgrade=False,
        Tags=Tags(Name=config.prefix),
        Metadata=_NO_MINOR_VERSION,
        **shared,
        **_origin(config),
        **_storage(config),
        **_watch(template, config),
    )


def _shared(template: Template, config: StackConfig, network: Network) -> dict[str, Any]:
    """Return what replicas have in common with it: where they are, who reaches them, and how they are met."""
    return {
        "Engine": "postgres",
        "Port": str(DATABASE_PORT),
        "EnableIAMDatabaseAuthentication": True,
        "CACertificateIdentifier": _CERTIFICATE,
        "DBSubnetGroupName": Ref(_subnet_group(template, config, network)),
        "VPCSecurityGroups": [network.database],
        "PubliclyAccessible": False,
        # Larger on a source than on its copy, some of these would stop replay: max_connections above all.
        "DBParameterGroupName": Ref(_parameters(template, config)),
        "AutoMinorVersionUpgrade": True,
        "StorageType": "gp3",
        "MaxAllocatedStorage": _STORAGE_MOST_GB,
        "CopyTagsToSnapshot": True,
    }


def _identifier(config: StackConfig) -> str:
    """Return the instance's name. One that is made from a snapshot has its own: for a while there are both."""
    if not config.database_snapshot:
        return config.prefix
    return f"{config.prefix}-{sha256(config.database_snapshot.encode()).hexdigest()[:6]}"


def _origin(config: StackConfig) -> dict[str, Any]:
    """Return what a new instance begins with: empty, or all that a snapshot holds, its first user included."""
    if config.database_snapshot:
        return {"DBSnapshotIdentifier": config.database_snapshot}
    return {"DBName": DATABASE_NAME, "MasterUsername": FIRST_USER}


def _storage(config: StackConfig) -> dict[str, Any]:
    keep = "Snapshot" if config.protected else "Delete"
    return {
        "AllocatedStorage": str(STORAGE_GB),
        "StorageEncrypted": True,
        "BackupRetentionPeriod": PROFILES[config.profile].backup_days,
        # Backups of a protected stage outlive it for as long as they would have been kept.
        "DeleteAutomatedBackups": not config.protected,
        "DeletionProtection": config.protected,
        "DeletionPolicy": keep,
        "UpdateReplacePolicy": keep,
    }


def _watch(template: Template, config: StackConfig) -> dict[str, Any]:
    """Return what is seen of the instance: logs with an end, queries of seven days (free), the host where it is paid.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Database-Insights.html
    """
    groups = [
        logs.LogGroup(
            f"DatabaseLog{kind.title().replace('-', '')}",
            # RDS makes those that are not there, and keeps them for ever.
            LogGroupName=f"/aws/rds/instance/{_identifier(config)}/{kind}",
            RetentionInDays=config.log_retention_days,
        )
        for kind in _LOGS
    ]
    if PROFILES[config.profile].monitoring_s:
        template.add_resource(_monitoring_role())
    return _figures(config) | {
        "EnableCloudwatchLogsExports": list(_LOGS),
        "DependsOn": [template.add_resource(group).title for group in groups],
    }


def _figures(config: StackConfig) -> dict[str, Any]:
    """Return what is seen of any instance but its logs, which would need a name: replicas are replaced freely."""
    figures: dict[str, Any] = {
        "DatabaseInsightsMode": "standard",
        "EnablePerformanceInsights": True,
        "PerformanceInsightsRetentionPeriod": 7,
    }
    if seconds := PROFILES[config.profile].monitoring_s:
        figures |= {"MonitoringInterval": seconds, "MonitoringRoleArn": GetAtt(_MONITORING, "Arn")}
    return figures


def _monitoring_role() -> iam.Role:
    """Add what AmazonRDSEnhancedMonitoringRole allows, in this account and region, where that one says everywhere.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonRDSEnhancedMonitoringRole.html
    """
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:RDS*"
    groups = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
        "Resource": Sub(group),
    }
    streams = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"],
        "Resource": Sub(f"{group}:log-stream:*"),
    }
    return iam.Role(
        _MONITORING,
        AssumeRolePolicyDocument=trust("monitoring.rds.amazonaws.com", ours=True),
        Policies=[iam.Policy(PolicyName="monitor", PolicyDocument=document(groups, streams))],
    )


def _subnet_group(template: Template, config: StackConfig, network: Network) -> rds.DBSubnetGroup:
    return template.add_resource(
        rds.DBSubnetGroup(
            "DatabaseSubnets",
            DBSubnetGroupDescription=f"{config.prefix}: private subnets without a way out",
            SubnetIds=list(network.data_subnets),
        )
    )


def _parameters(template: Template, config: StackConfig) -> rds.DBParameterGroup:
    """Add the parameters. Logs tell what was slow, waited or failed, and never the values: they are personal data.

    Statements travel with their values beside them; ``terse`` leaves out the detail that quotes a row.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
    """
    return template.add_resource(
        rds.DBParameterGroup(
            "DatabaseParameters",
            Family=f"postgres{_VERSION}",
            Description=f"{config.prefix}: TLS only, UTC, logs without values",
            Parameters={
                "rds.force_ssl": "1",
                "timezone": "UTC",
                "max_connections": str(PROFILES[config.profile].database_connections),
                "shared_preload_libraries": "pg_stat_statements",
                "pg_stat_statements.track": "top",
                "log_statement": "ddl",
                "log_min_duration_statement": str(_SLOW_MS),
                "log_parameter_max_length": "0",
                "log_parameter_max_length_on_error": "0",
                "log_error_verbosity": "terse",
                "log_lock_waits": "1",
                "log_temp_files": "10240",
                "log_autovacuum_min_duration": "10000",
            },
        )
    )
