"""What is made of the app secret, and what never is."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from serverless import aws
from serverless.deploy.failures import AwsRefused
from serverless.deploy.stacks import StackRefused, secret
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import REGION, Stage


def test_what_is_missing_is_made_once(stage: Stage) -> None:
    made, added = secret.complete(stage.secret, region=REGION, edge_exists=False)
    assert added == ("ORIGIN_SECRETS", "MEDIA_PRIVATE_KEY")

    held = stage.held()
    private = serialization.load_pem_private_key(held["MEDIA_PRIVATE_KEY"].encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert private.curve.name == "secp256r1"
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert made.media_public_key == public.decode()
    assert held["SECRET_KEY"] == "from CloudFormation"

    again, added = secret.complete(stage.secret, region=REGION, edge_exists=True)
    assert (again, added) == (made, ())
    assert stage.held() == held


def test_what_the_project_keeps_there_stays(stage: Stage) -> None:
    stage.hold(STRIPE_KEY="sk", ORIGIN_SECRETS="first, second")

    made, added = secret.complete(stage.secret, region=REGION, edge_exists=False)

    assert stage.held()["STRIPE_KEY"] == "sk"
    assert (made.origin_secret, made.rotating, added) == ("first", True, ("MEDIA_PRIVATE_KEY",))


def test_reading_changes_nothing(stage: Stage) -> None:
    before = stage.held()

    assert secret.read(stage.secret, region=REGION, edge_exists=False) is None
    assert stage.held() == before


def test_a_value_is_not_shown(stage: Stage) -> None:
    made, _ = secret.complete(stage.secret, region=REGION, edge_exists=False)

    assert made.origin_secret not in repr(made)


@pytest.mark.parametrize("text", ["no JSON", "[1]", '{"SECRET_KEY": 5}'])
def test_a_secret_that_is_not_ours_is_left_alone(stage: Stage, text: str) -> None:
    client = aws.client("secretsmanager", region=REGION)
    client.put_secret_value(SecretId=stage.secret, SecretString=text)

    with pytest.raises(StackRefused, match="not a JSON object of texts"):
        secret.complete(stage.secret, region=REGION, edge_exists=False)
    assert client.get_secret_value(SecretId=stage.secret)["SecretString"] == text


def test_a_broken_key_is_not_quoted(stage: Stage) -> None:
    stage.hold(MEDIA_PRIVATE_KEY="-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----")

    with pytest.raises(StackRefused, match="no private key in PEM form") as refused:
        secret.complete(stage.secret, region=REGION, edge_exists=False)
    assert "hush" not in str(refused.value)


def test_a_secret_that_is_gone(stage: Stage, cloud: Cloud) -> None:
    with pytest.raises(AwsRefused, match="Reading the app secret: AWS answers ResourceNotFoundException"):
        secret.complete(json.dumps(cloud.endpoint), region=REGION, edge_exists=False)
