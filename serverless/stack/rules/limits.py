"""What CloudFormation takes, and what the rest of the layer expects of a stack."""

import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from serverless.stack.outputs import OPTIONAL, EdgeOutput, EdgeParameter, HomeOutput, HomeParameter, ReleasesOutput
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import Kind, View, text

__all__ = ["RULES"]

_CFN: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest"
_QUOTAS: Final = f"{_CFN}/UserGuide/cloudformation-limits.html"
_INLINE_BYTES: Final = 51_200
_STORED_BYTES: Final = 1_000_000
_MOST: Final = {"Resources": 500, "Parameters": 200, "Outputs": 200}
# The home template travels by way of the release bucket, which the template of that bucket cannot.
_BYTES: Final[Mapping[Kind, int]] = {"releases": _INLINE_BYTES, "edge": _INLINE_BYTES, "home": _STORED_BYTES}
_OUTPUTS: Final[Mapping[Kind, type[StrEnum]]] = {"releases": ReleasesOutput, "home": HomeOutput, "edge": EdgeOutput}
_PARAMETERS: Final[Mapping[Kind, type[StrEnum] | None]] = {
    "releases": None,
    "home": HomeParameter,
    "edge": EdgeParameter,
}
_ACCOUNT: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
# The type -> where its name stands, which is one in an account and region: two stages would meet.
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::SQS::Queue": ("QueueName",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Logs::DeliverySource": ("Name",),
    "AWS::Logs::DeliveryDestination": ("Name",),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::Scheduler::Schedule": ("Name",),
    "AWS::RDS::DBProxy": ("DBProxyName",),
    "AWS::Budgets::Budget": ("Budget", "BudgetName"),
    "AWS::SES::ConfigurationSet": ("Name",),
    "AWS::WAFv2::WebACL": ("Name",),
    "AWS::CloudFront::Function": ("Name",),
    "AWS::CloudFront::CachePolicy": ("CachePolicyConfig", "Name"),
    "AWS::CloudFront::KeyGroup": ("KeyGroupConfig", "Name"),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig", "Name"),
    "AWS::CloudFront::OriginRequestPolicy": ("OriginRequestPolicyConfig", "Name"),
    "AWS::CloudFront::PublicKey": ("PublicKeyConfig", "Name"),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig", "Name"),
}


def _small(view: View) -> Iterator[tuple[str, str]]:
    size = len(json.dumps(view.whole, separators=(",", ":")).encode())
    if size > _BYTES[view.kind]:
        yield view.kind, f"{size:,} bytes, not {_BYTES[view.kind]:,}."


def _few(view: View) -> Iterator[tuple[str, str]]:
    for section, most in _MOST.items():
        if (count := len(view.whole.get(section, {}))) > most:
            yield section, f"{count}, not {most}."


def _outputs(view: View) -> Iterator[tuple[str, str]]:
    yield from _compared(view.whole.get("Outputs", {}), _OUTPUTS[view.kind], "outputs")


def _parameters(view: View) -> Iterator[tuple[str, str]]:
    yield from _compared(view.whole.get("Parameters", {}), _PARAMETERS[view.kind] or (), "parameters")


def _compared(there: Mapping[str, object], wanted: type[StrEnum] | tuple[()], what: str) -> Iterator[tuple[str, str]]:
    known = {str(one) for one in wanted}
    yield from ((name, f"is missing among the {what}.") for name in sorted(known - OPTIONAL - there.keys()))
    yield from ((name, f"is among the {what}, and nothing knows of it.") for name in sorted(there.keys() - known))


def _no_account(view: View) -> Iterator[tuple[str, str]]:
    for section in ("Resources", "Outputs", "Parameters"):
        for name, body in view.template.get(section, {}).items():
            if found := _ACCOUNT.search(json.dumps(body)):
                yield name, f"names the account {found[0]}."


def _own_names(view: View) -> Iterator[tuple[str, str]]:
    for resource in view.all(*_NAMED):
        name: Any = resource.properties
        for key in _NAMED[resource.type]:
            name = name.get(key, {})
        said = text(name)
        if name and view.config.prefix not in said and "${AWS::StackName}" not in said:
            yield resource.name, f"is called {said}, as in every other stage."


RULES: Final = (
    Rule(
        id="template-size",
        sentence="A template fits the way it travels: 51,200 bytes inline, 1 MB by way of the release bucket.",
        hint="Say less, or split the stack.",
        source=_QUOTAS,
        check=_small,
    ),
    Rule(
        id="template-counts",
        sentence="A template has at most 500 resources, 200 parameters and 200 outputs.",
        hint="Split the stack.",
        source=_QUOTAS,
        check=_few,
    ),
    Rule(
        id="outputs-complete",
        sentence="A stack has the outputs that serverless.stack.outputs lists, and no others.",
        hint="Add the output, or the line in serverless/stack/outputs.py.",
        source=f"{_CFN}/UserGuide/outputs-section-structure.html",
        check=_outputs,
    ),
    Rule(
        id="parameters-complete",
        sentence="A stack has the parameters that serverless.stack.outputs lists, and no others.",
        hint="Add the parameter, or the line in serverless/stack/outputs.py.",
        source=f"{_CFN}/UserGuide/parameters-section-structure.html",
        check=_parameters,
    ),
    Rule(
        id="no-account",
        sentence="No template names an account.",
        hint="Use the pseudo parameter AWS::AccountId.",
        source=f"{_CFN}/UserGuide/pseudo-parameter-reference.html",
        check=_no_account,
    ),
    Rule(
        id="names-of-the-stage",
        sentence="What has a name has the stage's in it, so that two stages fit one account.",
        hint="Begin the name with config.prefix.",
        source=f"{_CFN}/TemplateReference/aws-properties-name.html",
        check=_own_names,
    ),
)
