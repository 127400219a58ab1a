"""CloudFront's access log, into the log bucket of the project's region: standard logging, second version.

The first version asks for ACLs on the bucket, and its fields are not to be chosen.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
"""

from typing import Final

from troposphere import GetAtt, Ref, Select, Split, Sub, Template
from troposphere.logs import Delivery, DeliveryDestination, DeliverySource

from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeParameter

__all__ = ["FIELDS", "add"]

# Where the log bucket lets them be written: keys begin with cdn/AWSLogs/ACCOUNT/CloudFront/.
_PREFIX: Final = "cdn"
# No cookies, no query and no referrer: the signature of a private file opens it for whoever reads it there.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
FIELDS: Final = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(User-Agent)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
)


def add(template: Template, config: StackConfig, *, arn: Sub) -> None:
    """Add source, destination and what joins them. ``arn``: the distribution's."""
    name = f"{config.prefix}-cdn"
    source = DeliverySource("AccessLogSource", Name=name, LogType="ACCESS_LOGS", ResourceArn=arn)
    bucket = Select(0, Split(".", Ref(EdgeParameter.LOG_BUCKET_DOMAIN)))
    destination = DeliveryDestination(
        "AccessLogDestination",
        Name=name,
        OutputFormat="json",
        DestinationResourceArn=Sub(f"arn:${{AWS::Partition}}:s3:::${{Bucket}}/{_PREFIX}", Bucket=bucket),
    )
    delivery = Delivery(
        "AccessLog",
        DeliverySourceName=Ref(source),
        DeliveryDestinationArn=GetAtt(destination, "Arn"),
        RecordFields=list(FIELDS),
    )
    for resource in (source, destination, delivery):
        template.add_resource(resource)
