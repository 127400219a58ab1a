"""VPC, subnets, routes, endpoints and flow logs; who may speak to whom is in ``groups``.

Subnets, zones and address blocks are the same in both profiles: a stage that changes its profile keeps them, and with
them its database. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html
"""

from typing import Any, Final

from troposphere import Cidr, GetAtt, GetAZs, Join, Output, Ref, Select, Tags, Template, ec2, iam, logs

from serverless.stack import reach
from serverless.stack.config import StackConfig
from serverless.stack.home import groups
from serverless.stack.home.parts import Network, Text
from serverless.stack.home.policy import document, trust
from serverless.stack.outputs import HomeOutput
from serverless.stack.profiles import ZONES
from serverless.stack.reach import Target, Way

__all__ = ["add"]

_VPC_CIDR: Final = "10.0.0.0/16"
# Lambda shares one interface among the environments of a subnet and a security group, so that these are ample.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
_FUNCTION_CIDRS: Final = ("10.0.0.0/20", "10.0.16.0/20")
_DATA_CIDRS: Final = ("10.0.128.0/24", "10.0.129.0/24")
# Each is refused where the service does not know endpoint policies; SES's page tells of none.
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
_WITH_POLICY: Final = frozenset({"s3", "sqs", "secretsmanager"})


def add(template: Template, config: StackConfig) -> Network:
    """Add the network, and return where functions and data go."""
    vpc = template.add_resource(
        ec2.VPC(
            "Vpc",
            CidrBlock=_VPC_CIDR,
            EnableDnsSupport=True,
            EnableDnsHostnames=True,  # what gives interface endpoints their service's own name
            Tags=Tags(Name=config.prefix),
        )
    )
    ipv6 = template.add_resource(ec2.VPCCidrBlock("VpcIpv6", VpcId=Ref(vpc), AmazonProvidedIpv6CidrBlock=True))
    functions = _subnets(template, config, kind="Function", cidrs=_FUNCTION_CIDRS, ipv6=ipv6)
    data = _subnets(template, config, kind="Data", cidrs=_DATA_CIDRS, ipv6=None)
    allowed = groups.add(template, config, vpc=Ref(vpc))
    _endpoints(template, config, subnets=functions, group=allowed.endpoints)
    outside = reach.outside(config.profile)
    if outside:
        _way_out(template)
    _flow_logs(template, config)
    template.add_output(Output(HomeOutput.SUBNETS, Value=Join(",", functions)))
    template.add_output(Output(HomeOutput.SECURITY_GROUP, Value=allowed.functions))
    template.add_output(Output(HomeOutput.FUNCTION_IPV6, Value="yes" if outside else "no"))
    return Network(
        vpc=Ref(vpc),
        function_subnets=tuple(functions),
        data_subnets=tuple(data),
        functions=allowed.functions,
        proxy=allowed.proxy,
        database=allowed.database,
        cache=allowed.cache,
    )


def _subnets(
    template: Template, config: StackConfig, *, kind: str, cidrs: tuple[str, ...], ipv6: ec2.VPCCidrBlock | None
) -> list[Text]:
    """Add private subnets, a zone each, with one route table: without routes of its own it leads to the VPC alone."""
    name = Tags(Name=f"{config.prefix}-{kind.lower()}")
    routes = template.add_resource(ec2.RouteTable(f"{kind}Routes", VpcId=Ref("Vpc"), Tags=name))
    made: list[Text] = []
    for index, cidr in enumerate(cidrs):
        # Two IPv6 blocks of a /64 each: the least that a subnet may have.
        dual: dict[str, Any] = {}
        if ipv6 is not None:
            blocks = Cidr(Select(0, GetAtt("Vpc", "Ipv6CidrBlocks")), ZONES, "64")
            dual = {"Ipv6CidrBlock": Select(index, blocks), "AssignIpv6AddressOnCreation": True, "DependsOn": ipv6}
        subnet = template.add_resource(
            ec2.Subnet(
                f"{kind}Subnet{index + 1}",
                VpcId=Ref("Vpc"),
                AvailabilityZone=_zone(config, index),
                CidrBlock=cidr,
                MapPublicIpOnLaunch=False,
                Tags=name,
                **dual,
            )
        )
        template.add_resource(
            ec2.SubnetRouteTableAssociation(
                f"{kind}Subnet{index + 1}Routes", SubnetId=Ref(subnet), RouteTableId=Ref(routes)
            )
        )
        made.append(Ref(subnet))
    return made


def _zone(config: StackConfig, index: int) -> Text:
    """Return a zone by name, or by its place in a list whose order AWS does not promise.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
    """
    return f"{config.region}{config.zones[index]}" if config.zones else Select(index, GetAZs(""))


def _endpoints(template: Template, config: StackConfig, *, subnets: list[Text], group: Text | None) -> None:
    for target in reach.by(Way.GATEWAY, profile=config.profile):
        template.add_resource(
            ec2.VPCEndpoint(
                f"{target.what}Endpoint",
                VpcId=Ref("Vpc"),
                VpcEndpointType="Gateway",
                ServiceName=_service(config, target),
                RouteTableIds=[Ref("FunctionRoutes")],
                **_policy(target),
            )
        )
    for target in reach.by(Way.INTERFACE, profile=config.profile):
        template.add_resource(
            ec2.VPCEndpoint(
                f"{target.what.replace(' ', '')}Endpoint",
                VpcId=Ref("Vpc"),
                VpcEndpointType="Interface",
                ServiceName=_service(config, target),
                SubnetIds=subnets,
                SecurityGroupIds=[group],
                PrivateDnsEnabled=True,
                **_policy(target),
            )
        )


def _service(config: StackConfig, target: Target) -> str:
    return f"com.amazonaws.{config.region}.{target.label}"


def _policy(target: Target) -> dict[str, Any]:
    """Let only our own roles through, and only to what is ours: stolen data finds no bucket or queue of a stranger."""
    if target.service not in _WITH_POLICY:
        return {}
    ours = {f"aws:{whose}Account": Ref("AWS::AccountId") for whose in ("Principal", "Resource")}
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": f"{target.service}:*",
        "Resource": "*",
        "Condition": {"StringEquals": ours},
    }
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def _way_out(template: Template) -> None:
    """Add the gateway that lets IPv6 out and nothing in; it costs nothing but the traffic.

    https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
    """
    gateway = template.add_resource(ec2.EgressOnlyInternetGateway("WayOut", VpcId=Ref("Vpc")))
    template.add_resource(
        ec2.Route(
            "WayOutRoute",
            RouteTableId=Ref("FunctionRoutes"),
            DestinationIpv6CidrBlock="::/0",
            EgressOnlyInternetGatewayId=Ref(gateway),
        )
    )


def _flow_logs(template: Template, config: StackConfig) -> None:
    """Log what was refused: it is the trace of a mistake or a break-in. What was accepted is 0.50 USD a GB of noise."""
    group = template.add_resource(
        logs.LogGroup(
            "FlowLogGroup", LogGroupName=f"/aws/vpc/{config.prefix}", RetentionInDays=config.log_retention_days
        )
    )
    writes = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": GetAtt(group, "Arn"),
    }
    role = template.add_resource(
        iam.Role(
            "FlowLogRole",
            AssumeRolePolicyDocument=trust("vpc-flow-logs.amazonaws.com", ours=True),
            Policies=[iam.Policy(PolicyName="write", PolicyDocument=document(writes))],
        )
    )
    template.add_resource(
        ec2.FlowLog(
            "FlowLog",
            ResourceId=Ref("Vpc"),
            ResourceType="VPC",
            TrafficType="REJECT",
            LogDestinationType="cloud-watch-logs",
            LogGroupName=Ref(group),
            DeliverLogsPermissionArn=GetAtt(role, "Arn"),
        )
    )
