"""The network of both profiles."""

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

BOTH: list[Profile] = ["standard", "frugal"]
OURS = {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}, "aws:ResourceAccount": {"Ref": "AWS::AccountId"}}


@pytest.mark.parametrize("profile", BOTH)
def test_subnets_are_private_in_two_zones_and_the_same_in_both_profiles(profile: Profile) -> None:
    subnets = of_home(profile).all("EC2::Subnet")
    assert subnets == of_home("standard").all("EC2::Subnet")
    assert len(subnets) == 4
    assert {subnet["MapPublicIpOnLaunch"] for subnet in subnets.values()} == {False}
    for kind in ("Function", "Data"):
        zones = [subnets[f"{kind}Subnet{number}"]["AvailabilityZone"]["Fn::Select"][0] for number in (1, 2)]
        assert zones == [0, 1]
    assert "Ipv6CidrBlock" in subnets["FunctionSubnet1"]
    assert "Ipv6CidrBlock" not in subnets["DataSubnet1"]


def test_zones_that_are_named_are_those() -> None:
    subnets = of_home(zones=("a", "c")).all("EC2::Subnet")
    for kind in ("Function", "Data"):
        zones = [subnets[f"{kind}Subnet{number}"]["AvailabilityZone"] for number in (1, 2)]
        assert zones == ["eu-central-1a", "eu-central-1c"]


@pytest.mark.parametrize("profile", BOTH)
def test_nothing_comes_in_and_no_gateway_charges_by_the_hour(profile: Profile) -> None:
    facts = of_home(profile)
    assert not facts.all("EC2::InternetGateway")
    assert not facts.all("EC2::NatGateway")


def test_standard_has_no_way_out_of_its_vpc() -> None:
    facts = of_home("standard")
    assert not facts.all("EC2::Route")
    assert not facts.all("EC2::EgressOnlyInternetGateway")
    assert facts.output("FunctionIpv6") == "no"


def test_frugal_goes_out_over_ipv6_from_functions_alone() -> None:
    facts = of_home("frugal")
    route = facts.one("EC2::Route")
    assert (route["RouteTableId"], route["DestinationIpv6CidrBlock"]) == ({"Ref": "FunctionRoutes"}, "::/0")
    assert route["EgressOnlyInternetGatewayId"] == {"Ref": "WayOut"}
    assert facts.output("FunctionIpv6") == "yes"


def _endpoints(profile: Profile) -> set[tuple[str, str]]:
    made = of_home(profile).all("EC2::VPCEndpoint").values()
    return {(each["VpcEndpointType"], each["ServiceName"].removeprefix("com.amazonaws.eu-central-1.")) for each in made}


def test_standard_has_an_endpoint_for_each_service_and_frugal_the_free_one() -> None:
    interfaces = {("Interface", label) for label in ("sqs", "secretsmanager", "email")}
    assert _endpoints("standard") == {("Gateway", "s3")} | interfaces
    assert _endpoints("frugal") == {("Gateway", "s3")}


def test_s3_is_reached_from_the_subnets_of_functions() -> None:
    for profile in BOTH:
        assert of_home(profile).resource("S3Endpoint")["Properties"]["RouteTableIds"] == [{"Ref": "FunctionRoutes"}]


def test_endpoints_answer_to_the_services_own_names_in_both_zones() -> None:
    vpc = of_home("standard").one("EC2::VPC")
    assert (vpc["EnableDnsSupport"], vpc["EnableDnsHostnames"]) == (True, True)
    made = of_home("standard").all("EC2::VPCEndpoint").values()
    for endpoint in (each for each in made if each["VpcEndpointType"] == "Interface"):
        assert endpoint["PrivateDnsEnabled"] is True
        assert len(endpoint["SubnetIds"]) == 2
        assert endpoint["SecurityGroupIds"] == [{"Fn::GetAtt": ["EndpointsGroup", "GroupId"]}]


@pytest.mark.parametrize("name", ["S3Endpoint", "SQSEndpoint", "SecretsManagerEndpoint"])
def test_endpoints_let_our_roles_through_to_what_is_ours(name: str) -> None:
    (statement,) = of_home("standard").resource(name)["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": OURS}


@pytest.mark.parametrize("profile", BOTH)
def test_refused_traffic_is_logged_for_as_long_as_the_stage_says(profile: Profile) -> None:
    facts = of_home(profile, log_retention_days=90)
    assert facts.one("EC2::FlowLog")["TrafficType"] == "REJECT"
    group = facts.resource("FlowLogGroup")["Properties"]
    assert group == {"LogGroupName": "/aws/vpc/shop-prod", "RetentionInDays": 90}
    (policy,) = facts.resource("FlowLogRole")["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": ["FlowLogGroup", "Arn"]}


def test_functions_are_told_their_subnets_and_group() -> None:
    facts = of_home("standard")
    assert facts.output("FunctionSubnets") == {
        "Fn::Join": [",", [{"Ref": "FunctionSubnet1"}, {"Ref": "FunctionSubnet2"}]]
    }
    assert facts.output("FunctionSecurityGroup") == {"Fn::GetAtt": ["FunctionsGroup", "GroupId"]}
