"""What the stack is told when it is updated, and the conditions that rest on it."""

from typing import Final

from troposphere import Equals, Not, Parameter, Ref, Template

from serverless.stack.config import StackConfig
from serverless.stack.outputs import HomeParameter

__all__ = ["HAS_DISTRIBUTION", "HAS_FUNCTIONS", "SITE_ORIGIN", "add"]

HAS_DISTRIBUTION: Final = "HasDistribution"
HAS_FUNCTIONS: Final = "HasFunctions"
SITE_ORIGIN: Final = Ref(HomeParameter.SITE_ORIGIN)

# What a stage without a domain begins with: its distribution's name is known once that exists. CORS only says which
# pages may use a presigned URL that they hold, and nobody but the application gives those out. One * is allowed.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
_ANY_DISTRIBUTION: Final = "https://*.cloudfront.net"


def add(template: Template, config: StackConfig) -> None:
    """Add each of ``HomeParameter`` with a default that leaves out what is not there yet."""
    template.add_parameter(
        Parameter(
            HomeParameter.DISTRIBUTION_ARN,
            Type="String",
            Default="",
            Description="The distribution that may read the buckets; empty until there is one.",
        )
    )
    template.add_parameter(
        Parameter(
            HomeParameter.FUNCTIONS_LIVE,
            Type="String",
            Default="no",
            AllowedValues=["yes", "no"],
            Description="Whether a release has made the functions and their aliases.",
        )
    )
    template.add_parameter(
        Parameter(
            HomeParameter.SITE_ORIGIN,
            Type="String",
            Default=f"https://{config.domain}" if config.domain else _ANY_DISTRIBUTION,
            AllowedPattern=r"https://[a-z0-9.*-]+",
            Description="The origin whose pages upload: scheme and host.",
        )
    )
    template.add_condition(HAS_DISTRIBUTION, Not(Equals(Ref(HomeParameter.DISTRIBUTION_ARN), "")))
    template.add_condition(HAS_FUNCTIONS, Equals(Ref(HomeParameter.FUNCTIONS_LIVE), "yes"))
