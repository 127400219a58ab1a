"""Errors at the edge, and a certificate that ends.

Their metrics are in us-east-1 alone, and an alarm rings a topic of its own region.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
"""

from typing import Any, Final

from troposphere import Output, Ref, Sub, Template
from troposphere.cloudfront import Distribution
from troposphere.cloudwatch import Alarm, MetricDimension
from troposphere.sns import Subscription, Topic, TopicPolicy

from serverless.stack.config import StackConfig
from serverless.stack.edge.certificate import CERTIFICATE
from serverless.stack.outputs import EdgeOutput

__all__ = ["add"]

# Of all requests, files included, in each of three periods: a page that always fails shows, a lost connection does not.
_PERCENT: Final = 5
_PERIOD_S: Final = 300
_PERIODS: Final = 3
# ACM renews 45 to 60 days before the end, as long as it finds its DNS record.
# https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
_DAYS: Final = 30
_DAY_S: Final = 86_400


def add(template: Template, config: StackConfig, distribution: Distribution) -> None:
    """Add the alarms and the topic that they ring."""
    # Not encrypted: CloudWatch may not use AWS's own key for topics, and a key of ours is $1 a month for alarms' names.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    topic = Topic("AlarmTopic", TopicName=f"{config.prefix}-edge-alarms")
    if config.alarm_email:
        topic.Subscription = [Subscription(Protocol="email", Endpoint=config.alarm_email)]
    template.add_resource(topic)
    template.add_resource(TopicPolicy("AlarmTopicPolicy", Topics=[Ref(topic)], PolicyDocument=_publishes(topic)))
    template.add_resource(_errors(config, distribution, topic))
    if config.domain:
        template.add_resource(_certificate(config, topic))
    template.add_output(Output(EdgeOutput.ALARM_TOPIC, Value=Ref(topic)))


def _errors(config: StackConfig, distribution: Distribution, topic: Topic) -> Alarm:
    return Alarm(
        "ErrorAlarm",
        AlarmName=f"{config.prefix}-edge-5xx",
        AlarmDescription=f"More than {_PERCENT} % of what visitors asked CloudFront for ended in a server error.",
        Namespace="AWS/CloudFront",
        MetricName="5xxErrorRate",
        Dimensions=[
            MetricDimension(Name="DistributionId", Value=Ref(distribution)),
            MetricDimension(Name="Region", Value="Global"),
        ],
        Statistic="Average",
        Period=_PERIOD_S,
        EvaluationPeriods=_PERIODS,
        Threshold=_PERCENT,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[Ref(topic)],
        OKActions=[Ref(topic)],
    )


def _certificate(config: StackConfig, topic: Topic) -> Alarm:
    return Alarm(
        "CertificateAlarm",
        AlarmName=f"{config.prefix}-edge-certificate",
        AlarmDescription=f"The certificate ends in under {_DAYS} days, and ACM has not renewed it: see its record.",
        Namespace="AWS/CertificateManager",
        MetricName="DaysToExpiry",
        Dimensions=[MetricDimension(Name="CertificateArn", Value=Ref(CERTIFICATE))],
        Statistic="Minimum",
        Period=_DAY_S,
        EvaluationPeriods=1,
        Threshold=_DAYS,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[Ref(topic)],
        OKActions=[Ref(topic)],
    )


def _publishes(topic: Topic) -> dict[str, Any]:
    """Let the alarms of this account publish, and nobody without TLS.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    alarms = Sub("arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*")
    tls_only = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": Ref(topic),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    ours = {
        "Sid": "AlarmsPublish",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": Ref(topic),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")},
            "ArnLike": {"aws:SourceArn": alarms},
        },
    }
    return {"Version": "2012-10-17", "Statement": [tls_only, ours]}
