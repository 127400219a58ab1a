"""The app secret of a stage: set, compared and rotated, and never shown."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from serverless import aws
from serverless.deploy.operate import secrets
from serverless.deploy.operate.secrets import Held, SecretRefused
from serverless.deploy.stacks import StackMissing
from serverless.stack.config import StackConfig
from tests.serverless.deploy.stacks.conftest import REGION, Stage


@pytest.fixture
def made(stage: Stage) -> Stage:
    stage.deploy()
    return stage


def test_one_is_set_and_the_others_stay(made: Stage) -> None:
    before = made.held()
    secrets.put(made.config, {"EMAIL_URL": "ses://eu-central-1"})
    assert made.held() == before | {"EMAIL_URL": "ses://eu-central-1"}
    secrets.put(made.config, {"EMAIL_URL": "smtp://other"})
    assert secrets.read(made.config).values["EMAIL_URL"] == "smtp://other"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email url": "x"}, "'email url' is no name of a variable, such as EMAIL_URL"),
        ({"secret": "x"}, "'secret' is no name of a variable"),
        ({"": "x"}, "is no name of a variable"),
        ({"EMAIL_URL": ""}, "The value for EMAIL_URL is empty"),
        ({"EMAIL_URL": "a\0b"}, "holds a zero byte"),
        ({"EMAIL_URL": "x" * 65_536}, r"takes 65,536 bytes, and this would be 65,\d+"),
    ],
)
def test_what_no_variable_can_hold_changes_nothing(made: Stage, changes: Mapping[str, str], message: str) -> None:
    before = made.held()
    with pytest.raises(SecretRefused, match=message):
        secrets.put(made.config, changes)
    assert made.held() == before


def test_one_is_taken_out_unless_no_function_starts_without_it(made: Stage) -> None:
    secrets.put(made.config, {"EMAIL_URL": "x"})
    secrets.remove(made.config, "EMAIL_URL")
    assert "EMAIL_URL" not in made.held()
    with pytest.raises(SecretRefused, match=r"There is no EMAIL_URL in the app secret of dev; it has "):
        secrets.remove(made.config, "EMAIL_URL")
    with pytest.raises(SecretRefused, match="No function starts without SECRET_KEY"):
        secrets.remove(made.config, "SECRET_KEY")


def test_a_new_key_leaves_what_was_signed_before_good(made: Stage) -> None:
    keys = [made.held()["SECRET_KEY"]]
    for _ in range(3):
        secrets.rotate_key(made.config)
        keys.insert(0, made.held()["SECRET_KEY"])
    assert len(set(keys)) == 4
    assert made.held()["SECRET_KEY_FALLBACKS"].split(",") == keys[1:3]


def test_two_stages_are_compared_without_a_value() -> None:
    now = datetime.now(UTC)
    here = Held(values={"A": "hidden-1", "B": "hidden-2", "C": "hidden-3"}, changed=now)
    there = Held(values={"A": "hidden-1", "B": "other", "D": "hidden-4"}, changed=now)
    found = {one.name: one.how for one in secrets.differences(here, there)}
    assert found == {"A": "same", "B": "differs", "C": "only here", "D": "only there"}
    assert "hidden" not in repr(here)


def test_a_stage_without_stacks_says_what_to_do(stage: Stage) -> None:
    with pytest.raises(StackMissing, match="stack deploy"):
        secrets.read(stage.config)


@pytest.mark.parametrize("text", ["not json", "[]", json.dumps({"A": 1})])
def test_a_secret_of_another_shape_is_left_alone(made: Stage, text: str) -> None:
    client = aws.client("secretsmanager", region=REGION)
    client.put_secret_value(SecretId=made.secret, SecretString=text)
    with pytest.raises(SecretRefused, match="is no JSON object of texts"):
        secrets.put(made.config, {"EMAIL_URL": "x"})
    assert client.get_secret_value(SecretId=made.secret)["SecretString"] == text


def test_who_may_not_read_it_is_told(made: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Exception, match="no AWS credentials"):
        secrets.read(StackConfig(project="shop", stage="dev", region=REGION))
