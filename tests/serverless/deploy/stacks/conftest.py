"""A stage on moto, and three small templates for it."""

import json
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from moto.core.base_backend import BackendDict

from serverless import aws
from serverless.deploy import stacks
from serverless.deploy.stacks import Outputs, Terminal
from serverless.deploy.stacks.parts import Part
from serverless.stack.config import StackConfig
from serverless.stack.outputs import OPTIONAL, EdgeOutput, HomeOutput, HomeParameter, ReleasesOutput
from tests.serverless.deploy.stacks.cloud import Cloud, serve, template

REGION = "eu-central-1"


@pytest.fixture(scope="session")
def _cloud() -> Generator[Cloud]:
    with pytest.MonkeyPatch.context() as patch:
        cloud, server = serve(patch)
        yield cloud
        server.stop()


@pytest.fixture
def cloud(_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Generator[Cloud]:
    """An account without anything in it."""
    BackendDict.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", _cloud.endpoint)
    yield _cloud
    # Where this fixture is imported it has a cloud of its own, and all of them are asked: none may keep a refusal.
    for found in (_cloud.refusals, _cloud.calls, _cloud.failing, _cloud.staying):
        found.clear()


@dataclass(slots=True)
class Stage:
    """A stage, its templates, and what was said and asked about it."""

    config: StackConfig
    templates: dict[Part, dict[str, Any]]
    secret: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: bool = True

    @property
    def terminal(self) -> Terminal:
        def ask(question: str) -> bool:
            self.asked.append(question)
            return self.answer

        return Terminal(log=self.said.append, ask=ask, pause_s=0)

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    def deploy(self, **options: Any) -> Outputs:
        return stacks.deploy(self.config, self.templates, terminal=self.terminal, **options)

    def diff(self) -> bool:
        return stacks.diff(self.config, self.templates, terminal=self.terminal)

    def destroy(self, **options: Any) -> None:
        chosen: dict[str, Any] = {"named": self.config.prefix, "releases": False} | options
        stacks.destroy(self.config, terminal=self.terminal, **chosen)

    def become(self, **changed: Any) -> None:
        self.config = replace(self.config, **changed)

    def hold(self, **values: str) -> None:
        """Change what the app secret holds."""
        client = aws.client("secretsmanager", region=REGION)
        client.put_secret_value(SecretId=self.secret, SecretString=json.dumps(self.held() | values))

    def held(self) -> dict[str, str]:
        """Return what the app secret holds."""
        answer = aws.client("secretsmanager", region=REGION).get_secret_value(SecretId=self.secret)
        return dict(json.loads(answer["SecretString"]))


@pytest.fixture
def stage(cloud: Cloud) -> Stage:
    # moto makes no secrets of templates; CloudFormation would have filled in the first key.
    made = aws.client("secretsmanager", region=REGION).create_secret(
        Name="shop-dev-app", SecretString=json.dumps({"SECRET_KEY": "from CloudFormation"})
    )
    config = StackConfig(project="shop", stage="dev", region=REGION, profile="frugal", protected=False)
    return Stage(config, {"releases": releases(), "home": home(made["ARN"]), "edge": edge()}, made["ARN"])


def releases() -> dict[str, Any]:
    bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": "shop-dev-releases"}}
    return template({"ReleaseBucket": bucket}, {ReleasesOutput.BUCKET: {"Ref": "ReleaseBucket"}})


def home(secret: str) -> dict[str, Any]:
    resources: dict[str, Any] = {
        name: {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"shop-dev-{name[:-6].lower()}"}}
        for name in ("MediaBucket", "StaticBucket", "LogBucket")
    }
    resources["DefaultQueue"] = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "shop-dev-default", "VisibilityTimeout": 720},
    }
    resources["Alarms"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "shop"}}
    resources["Mapping"] = {"Type": "AWS::SNS::Topic", "Condition": "Live", "Properties": {"DisplayName": "live"}}
    outputs: dict[str, Any] = {key: f"the {key}" for key in HomeOutput if key not in OPTIONAL}
    outputs |= {key: {"Ref": str(key)} for key in (HomeOutput.MEDIA_BUCKET, HomeOutput.STATIC_BUCKET)}
    outputs |= {HomeOutput.LOG_BUCKET: {"Ref": "LogBucket"}, HomeOutput.APP_SECRET: secret}
    parameters = {
        HomeParameter.DISTRIBUTION_ARN: {"Type": "String", "Default": ""},
        HomeParameter.FUNCTIONS_LIVE: {"Type": "String", "Default": "no"},
        HomeParameter.SITE_ORIGIN: {"Type": "String", "Default": ""},
    }
    live = {"Fn::Equals": [{"Ref": HomeParameter.FUNCTIONS_LIVE}, "yes"]}
    return template(resources, outputs, Parameters=parameters, Conditions={"Live": live})


def edge() -> dict[str, Any]:
    names = ("ApiDomain", "MediaBucketDomain", "StaticBucketDomain", "LogBucketDomain")
    parameters: dict[str, Any] = {name: {"Type": "String"} for name in names}
    parameters |= {name: {"Type": "String", "NoEcho": True} for name in ("OriginSecret", "MaintenanceBypass")}
    parameters |= {name: {"Type": "String", "Default": ""} for name in ("MediaPublicKey", "MediaPublicKeySecond")}
    parameters |= {"Maintenance": {"Type": "String", "Default": "no"}}
    resources = {"Distribution": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "ApiDomain"}}}}
    outputs: dict[str, Any] = {key: f"the {key}" for key in EdgeOutput}
    outputs[EdgeOutput.DISTRIBUTION_ARN] = "arn:aws:cloudfront::123456789012:distribution/E1"
    return template(resources, outputs, Parameters=parameters)
