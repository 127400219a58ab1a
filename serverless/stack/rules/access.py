"""Who may do what: nobody from outside, nobody more than needed."""

from collections.abc import Iterator
from typing import Any, Final

from serverless.stack.rules.policies import Statement, statements
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import View, listed

__all__ = ["RULES"]

_DOCS: Final = "https://docs.aws.amazon.com"
_BLOCKS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_EVERYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
# Lambda's network interfaces have no name before they exist, so that these take no narrower resource.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_ENI_ACTIONS: Final = frozenset(
    {
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    }
)
# Within the policy of a key, ``*`` is that key, and only the account's administrators are given every action on it.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
_ACCOUNT_ITSELF: Final = ":root"
# arn:partition:service:region:account: and then the resource.
_ARN_COLONS: Final = 5
_SOURCE_KEYS: Final = frozenset({"aws:sourcearn", "aws:sourceaccount"})


def _blocked(view: View) -> Iterator[tuple[str, str]]:
    for bucket in view.all("AWS::S3::Bucket"):
        has = bucket.properties.get("PublicAccessBlockConfiguration", {})
        if missing := [key for key in _BLOCKS if has.get(key) is not True]:
            yield bucket.name, f"{', '.join(missing)} unset."


def _not_public(view: View) -> Iterator[tuple[str, str]]:
    for database in view.all("AWS::RDS::DBInstance"):
        if database.properties.get("PubliclyAccessible") is not False:
            yield database.name, "may get a public address."
    for subnet in view.all("AWS::EC2::Subnet"):
        if subnet.properties.get("MapPublicIpOnLaunch") is True:
            yield subnet.name, "gives out public addresses."
    for function_url in view.all("AWS::Lambda::Url"):
        yield function_url.name, "is a second door, past the edge."
    for name, rule in _ingress(view):
        if _EVERYWHERE & {str(rule.get("CidrIp")), str(rule.get("CidrIpv6"))}:
            yield name, "lets everyone in."


def _ingress(view: View) -> Iterator[tuple[str, Any]]:
    for group in view.all("AWS::EC2::SecurityGroup"):
        yield from ((group.name, rule) for rule in listed(group.properties.get("SecurityGroupIngress")))
    for alone in view.all("AWS::EC2::SecurityGroupIngress"):
        yield alone.name, alone.properties


def _named_principals(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "resource", "trust", "key"):
        if one.allows and "*" in one.principals:
            yield one.holder.name, f"allows everyone {', '.join(one.actions)}."


def _named_actions(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "identity", "resource", "trust"):
        if one.allows and (broad := [action for action in one.actions if "*" in action or action.startswith("not ")]):
            yield one.holder.name, f"allows {', '.join(broad)}."


def _named_resources(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "identity"):
        if one.allows and any(map(_broad, one.resources)) and (actions := sorted(set(one.actions) - _ENI_ACTIONS)):
            yield one.holder.name, f"allows {', '.join(actions)} on everything."


def _broad(resource: str) -> bool:
    """Whether a resource names none: ``*``, all but some, or everything of a service (``arn:…:s3:::*``)."""
    end = resource.replace("AWS::", "").split(":", _ARN_COLONS)[-1]
    return resource.startswith("not ") or end.startswith("*")


def _own_policies(view: View) -> Iterator[tuple[str, str]]:
    for role in view.all("AWS::IAM::Role"):
        for policy in listed(role.properties.get("ManagedPolicyArns")):
            if ":aws:policy/" in str(policy):
                yield role.name, f"has {policy}."


def _scoped_trust(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "trust"):
        if one.allows and _by_service(one) and not one.keys & _SOURCE_KEYS:
            yield one.holder.name, f"{', '.join(one.principals)} may take it on for anyone."


def _scoped_services(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "resource"):
        if one.allows and _by_service(one) and not one.keys & _SOURCE_KEYS:
            yield one.holder.name, f"{', '.join(one.principals)} may use it for anyone."
    for permission in view.all("AWS::Lambda::Permission"):
        if not {"SourceArn", "SourceAccount"} & permission.properties.keys():
            yield permission.name, f"{permission.properties.get('Principal')} may invoke it for anyone."


def _only_our_distribution(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "resource"):
        if one.allows and "Service:cloudfront.amazonaws.com" in one.principals and "aws:sourcearn" not in one.keys:
            yield one.holder.name, "opens to the distributions of every account."


def _by_service(statement: Statement) -> bool:
    return any(one.startswith("Service:") for one in statement.principals)


def _keys_of_the_account(view: View) -> Iterator[tuple[str, str]]:
    for one in statements(view, "key"):
        broad = any("*" in action and action != "kms:GenerateDataKey*" for action in one.actions)
        if one.allows and broad and not all(who.endswith(_ACCOUNT_ITSELF) for who in one.principals):
            yield one.holder.name, f"allows {', '.join(one.principals)} {', '.join(one.actions)}."


RULES: Final = (
    Rule(
        id="bucket-private",
        sentence="Every bucket blocks public access in all four ways.",
        hint="Set all four of PublicAccessBlockConfiguration.",
        source=f"{_DOCS}/AmazonS3/latest/userguide/access-control-block-public-access.html",
        check=_blocked,
    ),
    Rule(
        id="not-public",
        sentence="No database, subnet, security group or function is open to the internet past the edge.",
        hint="Set PubliclyAccessible to false, name a security group instead of addresses, drop the function URL.",
        source=f"{_DOCS}/wellarchitected/latest/security-pillar/sec_network_protection_create_layers.html",
        check=_not_public,
    ),
    Rule(
        id="named-principals",
        sentence="No policy allows everyone anything.",
        hint="Name the principal.",
        source=f"{_DOCS}/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        check=_named_principals,
    ),
    Rule(
        id="named-actions",
        sentence="Actions are named one by one.",
        hint="Write the actions out: no *, no NotAction.",
        source=f"{_DOCS}/IAM/latest/UserGuide/best-practices.html",
        check=_named_actions,
    ),
    Rule(
        id="named-resources",
        sentence="Resources are named, but for the actions on network interfaces that Lambda needs in a network.",
        hint="Name the resource's ARN.",
        source=f"{_DOCS}/lambda/latest/dg/configuration-vpc.html",
        check=_named_resources,
    ),
    Rule(
        id="own-policies",
        sentence="No role has a policy that AWS manages: those grant on every resource, and change without us.",
        hint="Write the statements out.",
        source=f"{_DOCS}/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
        check=_own_policies,
    ),
    Rule(
        id="trust-scoped",
        sentence="A service takes a role on for this account or one resource alone.",
        hint="Add a Condition on aws:SourceAccount or aws:SourceArn.",
        source=f"{_DOCS}/IAM/latest/UserGuide/confused-deputy.html",
        check=_scoped_trust,
    ),
    Rule(
        id="service-scoped",
        sentence="A service uses a bucket, queue, topic, secret or function for this account or one resource alone.",
        hint="Add a Condition on aws:SourceAccount or aws:SourceArn.",
        source=f"{_DOCS}/IAM/latest/UserGuide/confused-deputy.html",
        check=_scoped_services,
    ),
    Rule(
        id="distribution-scoped",
        sentence="A bucket opens to one distribution alone.",
        hint="Add a Condition on AWS:SourceArn: the distribution's ARN.",
        source=f"{_DOCS}/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
        check=_only_our_distribution,
    ),
    Rule(
        id="key-of-the-account",
        sentence="Only the account itself has every action on a key.",
        hint="Name kms:Decrypt and kms:GenerateDataKey* for services and roles.",
        source=f"{_DOCS}/kms/latest/developerguide/key-policy-default.html",
        check=_keys_of_the_account,
    ),
)
