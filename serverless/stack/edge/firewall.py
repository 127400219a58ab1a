"""AWS WAF before everything: how much one address may ask for, then AWS's own rules. Not in the profile ``frugal``.

It costs $5 a month, $1 a rule and $0.60 a million requests (https://aws.amazon.com/waf/pricing/): $10 of a stage that
else costs some $45. There the application's own limits, reserved concurrency and the budget's alarm bound what a flood
can do.
"""

from collections.abc import Iterable
from typing import Final

from troposphere import GetAtt, Sub, Template
from troposphere.logs import LogGroup
from troposphere.wafv2 import (
    ActionCondition,
    AllowAction,
    BlockAction,
    Condition,
    CountAction,
    CustomHTTPHeader,
    CustomResponse,
    CustomResponseBody,
    DefaultAction,
    FieldToMatch,
    Filter,
    LoggingConfiguration,
    LoggingConfigurationFieldToMatch,
    LoggingFilter,
    ManagedRuleGroupStatement,
    NotStatement,
    OverrideAction,
    RateBasedStatement,
    RegexMatchStatement,
    RuleAction,
    RuleActionOverride,
    SingleHeader,
    Statement,
    TextTransformation,
    VisibilityConfig,
    WebACL,
    WebACLRule,
)

from serverless.pages import CSP, EDGE, RETRY_AFTER_S
from serverless.stack.config import Profile, StackConfig

__all__ = ["PROFILES", "add"]

PROFILES: Final[frozenset[Profile]] = frozenset({"standard"})
_WINDOW_S: Final = 300
# Of one address in five minutes: requests that functions answer (files are CloudFront's and cost nothing like it). An
# office behind one address stays below; an open page asks every few seconds, a hurried person some 60 times a minute.
_REQUESTS: Final = 2000
# Of these, forms that a browser sends: what Django reads a password from, be it to sign in or to unlock something. Once
# a second is faster than people type, and 1/1,000 of what guessing needs.
_FORMS: Final = 300
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html: 25, 200 and 700 capacity
# units, and with the two rates far below the 1,500 that the price of a web ACL holds.
_REPUTATION: Final = "AWSManagedRulesAmazonIpReputationList"
_BAD_INPUTS: Final = "AWSManagedRulesKnownBadInputsRuleSet"
_COMMON: Final = "AWSManagedRulesCommonRuleSet"
# Blocks of the common rules that hit ordinary use, and are counted instead: bodies over 8 kB, which every long form and
# every list of files is, and what reads markup, paths or addresses out of bodies, which pictures sent by a form hold in
# their metadata, and lists of files by nature. Django and the viewer function bound bodies; templates escape, and a
# content security policy runs no script of theirs; no path or address out of a body is opened.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
# https://repost.aws/knowledge-center/waf-upload-blocked-files
_COUNTED: Final = (
    "SizeRestrictions_BODY",
    "CrossSiteScripting_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "EC2MetaDataSSRF_BODY",
)
_SLOW_DOWN: Final = "SlowDown"


def add(template: Template, config: StackConfig) -> GetAtt | None:
    """Add the web ACL and its log, and return its ARN; None in a profile without."""
    if config.profile not in PROFILES:
        return None
    body = CustomResponseBody(Content=EDGE[429].html, ContentType="TEXT_HTML")
    acl = WebACL(
        "WebAcl",
        Name=config.prefix,
        Scope="CLOUDFRONT",
        DefaultAction=DefaultAction(Allow=AllowAction()),
        CustomResponseBodies={_SLOW_DOWN: body},
        Rules=_rules(config),
        VisibilityConfig=_visibility(config.prefix),
    )
    template.add_resource(acl)
    _add_log(template, config, acl)
    return GetAtt(acl, "Arn")


def _rules(config: StackConfig) -> list[WebACLRule]:
    """The cheap ones first."""
    dynamic = Statement(NotStatement=NotStatement(Statement=_matches("UriPath", _files(config))))
    return [
        _rate(0, "requests", limit=_REQUESTS, only=dynamic),
        # application/x-www-form-urlencoded and multipart/form-data: what Django takes for a form.
        _rate(1, "forms", limit=_FORMS, only=_matches("content-type", "^(application/x-www-form|multipart/form)")),
        _managed(2, "reputation", group=_REPUTATION, counted=()),
        _managed(3, "bad-inputs", group=_BAD_INPUTS, counted=()),
        _managed(4, "common", group=_COMMON, counted=_COUNTED),
    ]


def _files(config: StackConfig) -> str:
    return f"^/(static|{'|'.join(sorted({'media', *config.signed}))})/"


def _matches(field: str, pattern: str) -> Statement:
    """Paths are normalised as CloudFront does it, so that no spelling of one is counted elsewhere."""
    path = field == "UriPath"
    transformations = ("URL_DECODE", "NORMALIZE_PATH") if path else ("LOWERCASE",)
    return Statement(
        RegexMatchStatement=RegexMatchStatement(
            FieldToMatch=FieldToMatch(UriPath={}) if path else FieldToMatch(SingleHeader=SingleHeader(Name=field)),
            RegexString=pattern,
            TextTransformations=[TextTransformation(Priority=n, Type=kind) for n, kind in enumerate(transformations)],
        )
    )


def _rate(priority: int, name: str, *, limit: int, only: Statement) -> WebACLRule:
    headers = {"retry-after": str(RETRY_AFTER_S), "cache-control": "no-store", "content-security-policy": CSP}
    answer = CustomResponse(
        ResponseCode=429,
        CustomResponseBodyKey=_SLOW_DOWN,
        ResponseHeaders=[CustomHTTPHeader(Name=key, Value=value) for key, value in headers.items()],
    )
    rate = RateBasedStatement(
        AggregateKeyType="IP", EvaluationWindowSec=_WINDOW_S, Limit=limit, ScopeDownStatement=only
    )
    return WebACLRule(
        Name=name,
        Priority=priority,
        Action=RuleAction(Block=BlockAction(CustomResponse=answer)),
        Statement=Statement(RateBasedStatement=rate),
        VisibilityConfig=_visibility(name),
    )


def _managed(priority: int, name: str, *, group: str, counted: Iterable[str]) -> WebACLRule:
    statement = ManagedRuleGroupStatement(VendorName="AWS", Name=group)
    if counted:
        count = RuleAction(Count=CountAction())
        statement.RuleActionOverrides = [RuleActionOverride(Name=rule, ActionToUse=count) for rule in counted]
    return WebACLRule(
        Name=name,
        Priority=priority,
        OverrideAction=OverrideAction(**{"None": {}}),
        Statement=Statement(ManagedRuleGroupStatement=statement),
        VisibilityConfig=_visibility(name),
    )


def _visibility(name: str) -> VisibilityConfig:
    # No samples: they show cookies and tokens as they were sent; the log below does not.
    return VisibilityConfig(CloudWatchMetricsEnabled=True, MetricName=name, SampledRequestsEnabled=False)


def _add_log(template: Template, config: StackConfig, acl: WebACL) -> None:
    """What was blocked, and why, without what must not be read there.

    The prefix is demanded: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    """
    group = template.add_resource(
        LogGroup("WebAclLog", LogGroupName=f"aws-waf-logs-{config.prefix}", RetentionInDays=config.log_retention_days)
    )
    blocked = Filter(
        Behavior="KEEP",
        Requirement="MEETS_ALL",
        Conditions=[Condition(ActionCondition=ActionCondition(Action="BLOCK"))],
    )
    headers = [LoggingConfigurationFieldToMatch(SingleHeader=SingleHeader(Name=n)) for n in ("authorization", "cookie")]
    template.add_resource(
        LoggingConfiguration(
            "WebAclLogging",
            ResourceArn=GetAtt(acl, "Arn"),
            LogDestinationConfigs=[
                Sub(f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{{group.title}}}")
            ],
            LoggingFilter=LoggingFilter(DefaultBehavior="DROP", Filters=[blocked]),
            RedactedFields=[*headers, LoggingConfigurationFieldToMatch(QueryString={})],
        )
    )
