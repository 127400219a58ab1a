"""RDS Proxy between web and worker and their database: no password on either side of it.

Both sides sign in by IAM: functions to the proxy, the proxy as the same user to the database.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html
"""

from dataclasses import dataclass
from typing import Final

from troposphere import GetAtt, Ref, Select, Split, Sub, Template, iam, logs, rds

from serverless.stack.config import StackConfig
from serverless.stack.home.parts import Network, Text
from serverless.stack.home.policy import document, trust

__all__ = ["USERS", "Proxy", "add"]

# Database users that come through it; the migrator goes to the database, where it may set what pins a connection.
USERS: Final = ("web", "worker")
# Behind a gateway that gives up after 30 s, the default of 120 s answers nobody; a busy pool frees a connection within
# milliseconds, or something is wrong.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ConnectionPoolConfiguration.html
_BORROW_TIMEOUT_S: Final = 4
# The rest is the migrator's, and for looking into what is wrong; and the alarm at 80 % means something.
_CONNECTIONS_PERCENT: Final = 75
_ARN_RESOURCE: Final = 6  # arn:aws:rds:REGION:ACCOUNT:db-proxy:prx-…


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    host: Text
    resource_id: Text
    name: Text


def add(template: Template, config: StackConfig, network: Network, *, instance: Text, resource_id: Text) -> Proxy:
    """Add the proxy before the instance whose ``DbiResourceId`` is ``resource_id``."""
    log = template.add_resource(
        logs.LogGroup(
            "ProxyLog", LogGroupName=f"/aws/rds/proxy/{config.prefix}", RetentionInDays=config.log_retention_days
        )
    )
    proxy = template.add_resource(
        rds.DBProxy(
            "Proxy",
            DependsOn=log,
            DBProxyName=config.prefix,
            EngineFamily="POSTGRESQL",
            DefaultAuthScheme="IAM_AUTH",
            RequireTLS=True,
            RoleArn=GetAtt(_role(template, resource_id), "Arn"),
            VpcSubnetIds=list(network.data_subnets),
            VpcSecurityGroupIds=[network.proxy],
            # Whole statements, values among them, for 24 hours at a time: personal data.
            DebugLogging=False,
        )
    )
    template.add_resource(
        rds.DBProxyTargetGroup(
            "ProxyTargets",
            DBProxyName=Ref(proxy),
            TargetGroupName="default",
            DBInstanceIdentifiers=[instance],
            ConnectionPoolConfigurationInfo=rds.ConnectionPoolConfigurationInfoFormat(
                ConnectionBorrowTimeout=_BORROW_TIMEOUT_S, MaxConnectionsPercent=_CONNECTIONS_PERCENT
            ),
        )
    )
    return Proxy(
        host=GetAtt(proxy, "Endpoint"),
        resource_id=Select(_ARN_RESOURCE, Split(":", GetAtt(proxy, "DBProxyArn"))),
        name=Ref(proxy),
    )


def _role(template: Template, resource_id: Text) -> iam.Role:
    users = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Id}/"
    connects = {
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": [Sub(f"{users}{user}", Id=resource_id) for user in USERS],
    }
    return template.add_resource(
        iam.Role(
            "ProxyRole",
            AssumeRolePolicyDocument=trust("rds.amazonaws.com"),
            Policies=[iam.Policy(PolicyName="connect", PolicyDocument=document(connects))],
        )
    )
