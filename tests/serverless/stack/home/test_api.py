"""The HTTP API."""

import json

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

BOTH: list[Profile] = ["standard", "frugal"]


@pytest.mark.parametrize("profile", BOTH)
def test_every_request_goes_to_the_alias_by_a_role(profile: Profile) -> None:
    facts = of_home(profile)
    integration, route = facts.one("ApiGatewayV2::Integration"), facts.one("ApiGatewayV2::Route")
    alias = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-prod:live"
    assert integration == {
        "ApiId": {"Ref": "Api"},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Fn::Sub": alias},
        "CredentialsArn": {"Fn::GetAtt": ["InvocationRole", "Arn"]},
        "IntegrationMethod": "POST",
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 30_000,
    }
    assert (route["RouteKey"], route["Target"]) == ("$default", {"Fn::Sub": "integrations/${ApiIntegration}"})


def test_its_own_domain_is_open_to_cloudfront() -> None:
    facts = of_home()
    assert "DisableExecuteApiEndpoint" not in facts.one("ApiGatewayV2::Api")
    assert facts.output("ApiDomain") == {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}


@pytest.mark.parametrize("concurrency", [1, 20, 100])
def test_the_stage_takes_no_more_than_the_function_bears(concurrency: int) -> None:
    stage = of_home(web_concurrency=concurrency).one("ApiGatewayV2::Stage")
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    settings = stage["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == settings["ThrottlingBurstLimit"] == 10 * concurrency


def test_a_request_is_a_line_without_what_must_stay_secret() -> None:
    settings = of_home().one("ApiGatewayV2::Stage")["AccessLogSettings"]
    assert settings["DestinationArn"] == {"Fn::GetAtt": ["ApiLog", "Arn"]}
    line = json.loads(settings["Format"])
    assert line["request_id"] == "$context.requestId"
    assert line["integration_request_id"] == "$context.integration.requestId"
    for secret in ("path", "query", "routeKey", "identity", "authorizer"):
        assert secret not in settings["Format"]
