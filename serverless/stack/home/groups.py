"""Security groups: functions speak to the database, its proxy, the cache and the endpoints, and nobody to functions.

Each way is open at both ends, and nothing else at either. Groups have no name of their own, so that CloudFormation can
replace one. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from dataclasses import dataclass
from typing import Final

from troposphere import GetAtt, Template, ec2

from serverless.stack import reach
from serverless.stack.config import StackConfig
from serverless.stack.home.parts import Text
from serverless.stack.profiles import PROFILES
from serverless.stack.reach import Way

__all__ = ["CACHE_PORT", "DATABASE_PORT", "Groups", "add"]

DATABASE_PORT: Final = 5432
CACHE_PORT: Final = 6379
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    functions: Text
    database: Text
    cache: Text
    proxy: Text | None
    endpoints: Text | None


def add(template: Template, config: StackConfig, *, vpc: Text) -> Groups:
    """Add a group for each end. Web, worker and migrator share one: tokens and roles tell them apart, not addresses."""
    functions = _group(template, "Functions", "Functions: out to data and AWS, nothing in.", vpc=vpc)
    database = _group(template, "Database", "The database: in from functions and the proxy.", vpc=vpc)
    cache = _group(template, "Cache", "Valkey: in from functions.", vpc=vpc)
    _open(template, "Database", source=functions, target=database, port=DATABASE_PORT)
    _open(template, "Cache", source=functions, target=cache, port=CACHE_PORT)
    proxy = endpoints = None
    if PROFILES[config.profile].proxy:
        proxy = _group(template, "Proxy", "RDS Proxy: in from functions, out to the database.", vpc=vpc)
        _open(template, "Proxy", source=functions, target=proxy, port=DATABASE_PORT)
        _open(template, "ProxyDatabase", source=proxy, target=database, port=DATABASE_PORT)
    if reach.by(Way.INTERFACE, profile=config.profile):
        endpoints = _group(template, "Endpoints", "Endpoints of AWS: in from functions.", vpc=vpc)
        _open(template, "Endpoints", source=functions, target=endpoints, port=_HTTPS)
    _https(template, config, functions)
    return Groups(functions=functions, database=database, cache=cache, proxy=proxy, endpoints=endpoints)


def _group(template: Template, name: str, description: str, *, vpc: Text) -> Text:
    """Add a group that opens nothing yet. Without a rule of ours CloudFormation would open every way out.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    """
    nowhere = ec2.SecurityGroupRule(
        IpProtocol="-1", CidrIp="127.0.0.1/32", Description="Nowhere: stands for the default, which is everywhere."
    )
    group = template.add_resource(
        ec2.SecurityGroup(f"{name}Group", GroupDescription=description, VpcId=vpc, SecurityGroupEgress=[nowhere])
    )
    return GetAtt(group, "GroupId")


def _open(template: Template, name: str, *, source: Text, target: Text, port: int) -> None:
    """Open ``port`` out of one group and into the other: two resources, since each names the other group."""
    template.add_resource(
        ec2.SecurityGroupEgress(
            f"To{name}",
            GroupId=source,
            DestinationSecurityGroupId=target,
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            Description=f"To {name}",
        )
    )
    template.add_resource(
        ec2.SecurityGroupIngress(
            f"From{name}Users",
            GroupId=target,
            SourceSecurityGroupId=source,
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            Description=f"For {name}",
        )
    )


def _https(template: Template, config: StackConfig, functions: Text) -> None:
    """Open HTTPS to where routes lead: S3's addresses over its gateway endpoint, and over IPv6 where that is a way out.

    The list of S3's addresses has another id in each region, which CloudFormation cannot look up; with no other IPv4
    route in the table, "anywhere" is S3 and the VPC.
    """
    everywhere = {"S3": {"CidrIp": "0.0.0.0/0"}}
    if reach.outside(config.profile):
        everywhere["Ipv6"] = {"CidrIpv6": "::/0"}
    for name, block in everywhere.items():
        template.add_resource(
            ec2.SecurityGroupEgress(
                f"To{name}",
                GroupId=functions,
                IpProtocol="tcp",
                FromPort=_HTTPS,
                ToPort=_HTTPS,
                Description=f"HTTPS where routes lead: {name}",
                **block,
            )
        )
