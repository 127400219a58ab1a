"""The composition: what the distribution needs, the distribution, and what needs it."""

from typing import Final

from troposphere import GetAtt, Output, Parameter, Ref, Sub, Template
from troposphere.cloudfront import Distribution

from serverless.stack.config import StackConfig
from serverless.stack.edge import (
    access_log,
    alarms,
    certificate,
    distribution,
    firewall,
    headers,
    keys,
    viewer_function,
)
from serverless.stack.outputs import EdgeOutput, EdgeParameter

__all__ = ["template"]

# Both become text of another language, a header's or a script's.
_SECRET: Final = "[A-Za-z0-9_-]{32,128}"  # noqa: S105 - a pattern
_BUCKETS: Final = {
    EdgeParameter.MEDIA_BUCKET_DOMAIN: "media",
    EdgeParameter.STATIC_BUCKET_DOMAIN: "static files and the edge's own pages",
    EdgeParameter.LOG_BUCKET_DOMAIN: "access logs",
}


def template(config: StackConfig) -> Template:
    """Return the template of ``PREFIX-edge``, which CloudFormation takes inline up to 51,200 bytes.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    edge = Template(Description=f"{config.prefix}: CloudFront and what belongs to it.")
    edge.set_version()
    _add_parameters(edge)
    parts = distribution.Parts(
        certificate=certificate.add(edge, config),
        firewall=firewall.add(edge, config),
        function=viewer_function.add(edge, config),
        headers=headers.add(edge, config),
        keys=keys.add(edge, config),
    )
    made = distribution.add(edge, config, parts)
    certificate.add_records(edge, config, made)
    alarms.add(edge, config, made)
    arn = Sub(f"arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{made.title}}}")
    access_log.add(edge, config, arn=arn)
    edge.add_output(Output(EdgeOutput.DISTRIBUTION_ARN, Value=arn))
    _add_outputs(edge, config, made)
    return edge


def _add_parameters(edge: Template) -> None:
    edge.add_parameter(
        Parameter(EdgeParameter.API_DOMAIN, Type="String", Description="Host of the HTTP API, without a path")
    )
    for parameter, what in _BUCKETS.items():
        text = f"Regional domain of the bucket of {what}: NAME.s3.REGION.amazonaws.com"
        edge.add_parameter(Parameter(parameter, Type="String", Description=text))
    edge.add_parameter(
        Parameter(
            EdgeParameter.ORIGIN_SECRET,
            Type="String",
            NoEcho=True,
            AllowedPattern=_SECRET,
            Description="What functions know this distribution by",
        )
    )
    edge.add_parameter(
        Parameter(
            EdgeParameter.MAINTENANCE,
            Type="String",
            Default="no",
            AllowedValues=["yes", "no"],
            Description="Whether visitors get the maintenance page",
        )
    )
    edge.add_parameter(
        Parameter(
            EdgeParameter.MAINTENANCE_BYPASS,
            Type="String",
            NoEcho=True,
            Default="",
            AllowedPattern=f"({_SECRET})?",
            Description=f"Who asks for {viewer_function.DOOR} and this secret sees the site meanwhile; empty: nobody",
        )
    )


def _add_outputs(edge: Template, config: StackConfig, made: Distribution) -> None:
    domain = GetAtt(made, "DomainName")
    edge.add_output(Output(EdgeOutput.DISTRIBUTION_ID, Value=Ref(made)))
    edge.add_output(Output(EdgeOutput.DISTRIBUTION_DOMAIN, Value=domain))
    site = f"https://{config.domain}" if config.domain else Sub(f"https://${{{made.title}.DomainName}}")
    edge.add_output(Output(EdgeOutput.SITE_URL, Value=site))
