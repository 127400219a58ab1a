"""Where alarms and bounced mail are told, and the key that both topics are encrypted with.

AWS's own key for topics cannot let CloudWatch, Budgets, RDS and SES publish; one of the stack's costs a dollar a month.
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from troposphere import GetAtt, Output, Ref, Sub, Template, kms, sns

from serverless.stack.config import StackConfig
from serverless.stack.home.parts import Text
from serverless.stack.home.policy import document
from serverless.stack.outputs import HomeOutput

__all__ = ["Topics", "add"]

# The shortest that CloudFormation waits with: nothing that lies anywhere is encrypted with it.
_KEY_WINDOW_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """ARNs."""

    alarms: Text
    mail: Text | None
    """Bounces and complaints; None where the stage sends no mail."""


def add(template: Template, config: StackConfig) -> Topics:
    """Add the topics with their policies, and ``alarm_email``'s subscriptions: a mail asks to confirm each."""
    key = template.add_resource(_key(config))
    alarms = _topic(template, config, "AlarmTopic", key, title="alarms")
    _policy(template, alarms, {"Alarms": _ALARMS, "Budgets": _BUDGETS, "Database": _DATABASE})
    template.add_output(Output(HomeOutput.ALARM_TOPIC, Value=Ref(alarms)))
    if not config.sends_from:
        return Topics(alarms=Ref(alarms), mail=None)
    mail = _topic(template, config, "MailTopic", key, title="bounced mail")
    configuration_set = Sub(
        f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:configuration-set/{config.prefix}"
    )
    _policy(template, mail, {"Mail": ("ses.amazonaws.com", configuration_set)})
    return Topics(alarms=Ref(alarms), mail=Ref(mail))


# A service, and what of it may publish.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
# https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
# https://docs.aws.amazon.com/ses/latest/dg/event-publishing-add-event-destination-sns.html
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
_ALARMS: Final = (
    "cloudwatch.amazonaws.com",
    Sub("arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"),
)
_BUDGETS: Final = ("budgets.amazonaws.com", Sub("arn:${AWS::Partition}:budgets::${AWS::AccountId}:*"))
# The subscription's ARN or the database's: which of them RDS names when it is made is not documented.
_DATABASE: Final = ("events.rds.amazonaws.com", Sub("arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:*"))


def _topic(template: Template, config: StackConfig, name: str, key: kms.Key, *, title: str) -> sns.Topic:
    topic = template.add_resource(
        sns.Topic(name, DisplayName=f"{config.prefix}: {title}", KmsMasterKeyId=GetAtt(key, "Arn"))
    )
    if config.alarm_email:
        template.add_resource(
            sns.SubscriptionResource(f"{name}Email", TopicArn=Ref(topic), Protocol="email", Endpoint=config.alarm_email)
        )
    return topic


def _policy(template: Template, topic: sns.Topic, services: Mapping[str, tuple[str, Sub]]) -> None:
    """Let the services publish, each for this account and with its own kind of resource; nobody without TLS."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": Ref(topic),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    statements += [
        {
            "Sid": f"{sid}Publish",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": Ref(topic),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")},
                "ArnLike": {"aws:SourceArn": source},
            },
        }
        for sid, (service, source) in services.items()
    ]
    template.add_resource(
        sns.TopicPolicy(f"{topic.title}Policy", Topics=[Ref(topic)], PolicyDocument=document(*statements))
    )


def _key(config: StackConfig) -> kms.Key:
    services = [
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
        "events.rds.amazonaws.com",
        *(["ses.amazonaws.com"] if config.sends_from else []),
    ]
    return kms.Key(
        "TopicKey",
        Description=f"{config.prefix}: what alarms and mail tell",
        EnableKeyRotation=True,
        PendingWindowInDays=_KEY_WINDOW_DAYS,
        # Messages pass through within seconds, so that nothing is lost with it; a stage that is kept keeps its keys.
        DeletionPolicy="Retain" if config.protected else "Delete",
        UpdateReplacePolicy="Retain" if config.protected else "Delete",
        KeyPolicy=document(
            {
                "Sid": "AccountAdministers",
                "Effect": "Allow",
                "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "ServicesPublish",
                "Effect": "Allow",
                "Principal": {"Service": services},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
            },
        ),
    )
