"""What somebody on call needs: logs that end, alarms that reach them, an API with bounds."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from serverless.stack import names
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import View, text

__all__ = ["RULES"]

_DOCS: Final = "https://docs.aws.amazon.com"
_API: Final = f"{_DOCS}/apigateway/latest/developerguide"
_STAGE: Final = "AWS::ApiGatewayV2::Stage"


# What has one name in all regions of an account, and where it stands.
_GLOBAL: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::Budgets::Budget": ("Budget", "BudgetName"),
    "AWS::IAM::Role": ("RoleName",),
}


def _logs_end(view: View) -> Iterator[tuple[str, str]]:
    for group in view.all("AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group.properties:
            yield group.name, "keeps its lines for ever."


def _functions_log(view: View) -> Iterator[tuple[str, str]]:
    if view.kind != "home":
        return
    there = {text(group.properties.get("LogGroupName", "")) for group in view.all("AWS::Logs::LogGroup")}
    for function in names.FUNCTIONS:
        if (wanted := names.log_group(view.config.prefix, function)) not in there:
            yield wanted, "is made by Lambda, without an end to its lines."


def _throttled(view: View) -> Iterator[tuple[str, str]]:
    for stage in view.all(_STAGE):
        routes = stage.properties.get("DefaultRouteSettings", {})
        if not (routes.get("ThrottlingBurstLimit") and routes.get("ThrottlingRateLimit")):
            yield stage.name, "takes whatever the account takes."


def _api_logged(view: View) -> Iterator[tuple[str, str]]:
    for stage in view.all(_STAGE):
        logs = stage.properties.get("AccessLogSettings", {})
        if not (logs.get("DestinationArn") and logs.get("Format")):
            yield stage.name, "leaves no line of a request that no function saw."


def _api_alias(view: View) -> Iterator[tuple[str, str]]:
    for integration in view.all("AWS::ApiGatewayV2::Integration"):
        uri = text(integration.properties.get("IntegrationUri", ""))
        if not uri.removesuffix("/invocations").endswith(f":{names.ALIAS}"):
            yield integration.name, f"invokes {uri}."


def _alarms(view: View) -> Iterator[Any]:
    return view.all("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def _reaches_someone(view: View) -> Iterator[tuple[str, str]]:
    for alarm in _alarms(view):
        if not alarm.properties.get("AlarmActions") or alarm.properties.get("ActionsEnabled") is False:
            yield alarm.name, "tells nobody."


def _silence(view: View) -> Iterator[tuple[str, str]]:
    for alarm in view.all("AWS::CloudWatch::Alarm"):
        if "TreatMissingData" not in alarm.properties:
            yield alarm.name, "does not say what it is when there is nothing to measure."


def _regional_names(view: View) -> Iterator[tuple[str, str]]:
    if view.kind == "edge":  # of which there is one, wherever home is
        return
    for type_, place in _GLOBAL.items():
        for resource in view.all(type_):
            name: Any = resource.properties
            for key in place:
                name = name.get(key, {})
            if name and view.config.region not in text(name):
                yield resource.name, f"is called {text(name)} in every region."


RULES: Final = (
    Rule(
        id="logs-end",
        sentence="Every log group says how long it keeps its lines.",
        hint="Set RetentionInDays.",
        source=f"{_DOCS}/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        check=_logs_end,
    ),
    Rule(
        id="logs-of-functions",
        sentence="The log groups of all functions are the stack's, so that they have an end and go with it.",
        hint="Add an AWS::Logs::LogGroup of that name.",
        source=f"{_DOCS}/lambda/latest/dg/monitoring-cloudwatchlogs.html",
        check=_functions_log,
    ),
    Rule(
        id="api-throttled",
        sentence="The API's stage has a rate and a burst of its own.",
        hint="Set ThrottlingRateLimit and ThrottlingBurstLimit in DefaultRouteSettings.",
        source=f"{_API}/http-api-throttling.html",
        check=_throttled,
    ),
    Rule(
        id="api-logged",
        sentence="The API's stage writes access logs.",
        hint="Set DestinationArn and Format in AccessLogSettings.",
        source=f"{_API}/http-api-logging.html",
        check=_api_logged,
    ),
    Rule(
        id="api-alias",
        sentence="The API invokes the alias that releases move, never a version.",
        hint=f"End IntegrationUri in :{names.ALIAS}.",
        source=f"{_DOCS}/lambda/latest/dg/configuration-aliases.html",
        check=_api_alias,
    ),
    Rule(
        id="alarm-action",
        sentence="Every alarm tells somebody.",
        hint="Put the alarm topic in AlarmActions.",
        source=f"{_DOCS}/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html",
        check=_reaches_someone,
    ),
    Rule(
        id="alarm-silence",
        sentence="Every alarm says what no data means.",
        hint="Set TreatMissingData.",
        source=f"{_DOCS}/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
        check=_silence,
    ),
    Rule(
        id="names-regional",
        sentence="What has one name in all regions is called after its region: a stage moves while a region is lost.",
        hint="Put the region into the name, or leave the name to CloudFormation.",
        source=f"{_DOCS}/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html",
        check=_regional_names,
    ),
)
