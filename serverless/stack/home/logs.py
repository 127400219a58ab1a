"""Log groups of the functions and the API, each with an end: whoever makes one by writing to it makes it without.

No role may make a group (``statements``), so that a function without one here would say nothing.
"""

from dataclasses import dataclass
from typing import Final

from troposphere import GetAtt, Template
from troposphere.logs import LogGroup

from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.home.parts import Text

__all__ = ["API_ACCESS", "Logs", "add"]

# Groups under this path need no statement each in the account's policy for log delivery, of 5,120 characters.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-vended-logs-permissions.html
API_ACCESS: Final = "/aws/vendedlogs/apis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    api: Text
    """ARN of the group of the API's access log."""


def add(template: Template, config: StackConfig) -> Logs:
    """Add a group for each function and one for the API."""
    for function in names.FUNCTIONS:
        template.add_resource(
            _group(f"{function.capitalize()}Log", config, name=names.log_group(config.prefix, function))
        )
    api = template.add_resource(_group("ApiLog", config, name=f"{API_ACCESS}/{config.prefix}"))
    return Logs(api=GetAtt(api, "Arn"))


def _group(title: str, config: StackConfig, *, name: str) -> LogGroup:
    keep = "Retain" if config.protected else "Delete"
    return LogGroup(
        title,
        LogGroupName=name,
        RetentionInDays=config.log_retention_days,
        DeletionPolicy=keep,
        UpdateReplacePolicy=keep,
    )
