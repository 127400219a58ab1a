"""A new origin secret, step by step, with a site that answers after each."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serverless import aws
from serverless.deploy.operate.rotation import rotate_origin_secret
from serverless.deploy.operate.secrets import SecretRefused
from serverless.deploy.release import Record
from serverless.stack.names import EDGE_REGION
from serverless.stack.outputs import EdgeOutput
from tests.serverless.deploy.operate.test_status import record
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import Stage


@dataclass
class Edge:
    """A distribution that sends what the stack tells it; moto makes none of a template."""

    stage: Stage
    cloud: Cloud
    id: str = ""

    def send(self, secret: str) -> None:
        client = aws.client("cloudfront", region=EDGE_REGION)
        if self.id:
            answer = client.get_distribution_config(Id=self.id)
            client.update_distribution(Id=self.id, IfMatch=answer["ETag"], DistributionConfig=_distribution(secret))
        else:
            self.id = client.create_distribution(DistributionConfig=_distribution(secret))["Distribution"]["Id"]

    def sent(self) -> str:
        """Return what the stack was told last."""
        return str(self.cloud.stack("shop-dev-edge", EDGE_REGION).parameters["OriginSecret"])

    def follow(self) -> None:
        self.send(self.sent())


def _distribution(secret: str) -> dict[str, Any]:
    headers = {"Quantity": 1, "Items": [{"HeaderName": "X-Origin-Secret", "HeaderValue": secret}]}
    origin = {
        "Id": "api", "DomainName": "api.example", "OriginPath": "", "CustomHeaders": headers,
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }  # fmt: skip
    behaviour = {"TargetOriginId": "api", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": "x"}
    return {
        "CallerReference": "x", "Comment": "", "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": behaviour,
    }  # fmt: skip


@pytest.fixture
def edge(stage: Stage, cloud: Cloud) -> Edge:
    made = Edge(stage, cloud)
    made.send("not yet")
    stage.templates["edge"]["Outputs"][EdgeOutput.DISTRIBUTION_ID]["Value"] = made.id
    stage.deploy()
    made.follow()
    return made


def released(after: datetime) -> Record:
    return replace(record("20261123-2", served="", versions={}), when=f"{after:%Y-%m-%dT%H:%M:%SZ}")


def step(edge: Edge, serving: Record | None) -> str:
    return rotate_origin_secret(edge.stage.config, serving=serving, log=edge.stage.said.append, pause_s=0)


def known(edge: Edge) -> list[str]:
    return edge.stage.held()["ORIGIN_SECRETS"].split(",")


def test_three_steps_lead_to_another_secret(edge: Edge) -> None:
    (first,) = known(edge)
    now = datetime.now(UTC)
    assert "zappa update dev" in step(edge, None)
    assert known(edge)[0] == first
    assert len(known(edge)) == 2
    assert edge.sent() == first, "functions have to know the new one before anybody sends it"

    assert "CloudFront sends the new origin secret" in step(edge, released(now + timedelta(minutes=5)))
    second = known(edge)[1]
    assert edge.sent() == second
    edge.follow()

    assert "taken out" in step(edge, released(now + timedelta(minutes=5)))
    assert known(edge) == [second]
    assert not any(secret in line for line in edge.stage.said for secret in (first, second))


@pytest.mark.parametrize("serving", [None, released(datetime.now(UTC) - timedelta(hours=1))])
def test_cloudfront_sends_nothing_that_a_serving_environment_may_not_know(edge: Edge, serving: Record | None) -> None:
    step(edge, None)
    with pytest.raises(SecretRefused, match="No release has taken up the second origin secret yet: zappa update dev"):
        step(edge, serving)
    assert edge.sent() == known(edge)[0]


def test_a_distribution_that_is_behind_goes_no_further(edge: Edge) -> None:
    """The step before has told the stack, and CloudFront still sends what it sent: nothing is taken out."""
    step(edge, None)
    later = released(datetime.now(UTC) + timedelta(minutes=5))
    step(edge, later)
    step(edge, later)
    assert len(known(edge)) == 2


def test_what_functions_do_not_know_is_nothing_to_go_on_from(edge: Edge) -> None:
    edge.send("another")
    with pytest.raises(SecretRefused, match="functions do not know"):
        step(edge, None)
