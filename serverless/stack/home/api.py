"""The HTTP API behind CloudFront: every request to the web function's alias, throttled and logged.

Its own domain stays open, since CloudFront knows no other; who comes past CloudFront lacks the origin's secret and is
refused by the function. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import json
from dataclasses import dataclass
from typing import Final

from troposphere import Output, Ref, Sub, Template, apigatewayv2

from serverless.stack.config import StackConfig
from serverless.stack.home import arns
from serverless.stack.home.logs import Logs
from serverless.stack.home.parts import Text
from serverless.stack.home.roles import Roles
from serverless.stack.outputs import HomeOutput

__all__ = ["Api", "add"]

# The longest that an HTTP API waits; the function's own timeout ends a request before.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
_TIMEOUT_MS: Final = 30_000
# Requests a second for each environment that the web function may have: what 100 ms a request come to. More would be
# refused by Lambda, at the price of a request. A burst is a second of it.
_RATE_PER_ENVIRONMENT: Final = 10
# One line of JSON a request. No query, since signatures and tokens of links travel there, no path for the same reason,
# and no address: it is CloudFront's.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
_LOGGED: Final = {
    "time": "$context.requestTimeEpoch",
    "request_id": "$context.requestId",
    "method": "$context.httpMethod",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "integration_status": "$context.integration.status",
    "integration_request_id": "$context.integration.requestId",
    "integration_error": "$context.integrationErrorMessage",
    "error": "$context.error.message",
    "error_type": "$context.error.responseType",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    id: Text
    """``ApiId``, the dimension of its metrics in ``AWS/ApiGateway``."""


def add(template: Template, config: StackConfig, roles: Roles, logs: Logs) -> Api:
    """Add the API with its one route and stage, and the output that CloudFront's origin is made of."""
    api = template.add_resource(
        apigatewayv2.Api(
            "Api",
            Name=config.prefix,
            Description=f"{config.prefix}: behind CloudFront",
            ProtocolType="HTTP",
        )
    )
    template.add_resource(
        apigatewayv2.Integration(
            "ApiIntegration",
            ApiId=Ref(api),
            IntegrationType="AWS_PROXY",
            # With a role to invoke it by, the function needs no policy of its own, and may be made later. That API
            # Gateway takes the name of an alias that is not there yet only AWS can prove; should it refuse, the
            # condition of the event source mappings goes on integration, route and stage.
            IntegrationUri=arns.live(config.prefix, "web"),
            CredentialsArn=roles.invocation,
            IntegrationMethod="POST",
            PayloadFormatVersion="2.0",
            TimeoutInMillis=_TIMEOUT_MS,
        )
    )
    route = template.add_resource(
        apigatewayv2.Route(
            "ApiRoute",
            ApiId=Ref(api),
            RouteKey="$default",
            AuthorizationType="NONE",
            Target=Sub("integrations/${ApiIntegration}"),
        )
    )
    template.add_resource(_stage(config, api, logs, after=route.title))
    domain = Sub("${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}")
    template.add_output(Output(HomeOutput.API_DOMAIN, Value=domain))
    return Api(id=Ref(api))


def _stage(config: StackConfig, api: apigatewayv2.Api, logs: Logs, *, after: str) -> apigatewayv2.Stage:
    """Return the stage that is not in the path; a change of the API is live with it at once.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
    """
    rate = config.web_concurrency * _RATE_PER_ENVIRONMENT
    return apigatewayv2.Stage(
        "ApiStage",
        ApiId=Ref(api),
        StageName="$default",
        AutoDeploy=True,
        DefaultRouteSettings=apigatewayv2.RouteSettings(
            ThrottlingRateLimit=rate, ThrottlingBurstLimit=rate, DetailedMetricsEnabled=False
        ),
        AccessLogSettings=apigatewayv2.AccessLogSettings(DestinationArn=logs.api, Format=json.dumps(_LOGGED)),
        DependsOn=[after],
    )
