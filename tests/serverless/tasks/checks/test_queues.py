"""The deployment check, on queues of a real server."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from tests import aws
from tests.serverless.tasks.conftest import BACKEND, StandIn, unavailable


def found(settings: Settings, url: str, **options: Any) -> list[str]:
    queues = {"QUEUE_URLS": {"default": url}, **options}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default"], "OPTIONS": queues}}
    messages = run_checks(tags=["tasks"], include_deployment_checks=True)
    return [message.id for message in messages if message.id and message.id.startswith("tasks.")]


@pytest.fixture
def dead_letters() -> Iterator[str]:
    client = aws.client("sqs")
    url = client.create_queue(QueueName=f"dead-{uuid.uuid4().hex}")["QueueUrl"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    yield attributes["QueueArn"]
    client.delete_queue(QueueUrl=url)


@pytest.fixture
def url() -> Iterator[str]:
    client = aws.client("sqs")
    made = client.create_queue(QueueName=f"tasks-{uuid.uuid4().hex}")["QueueUrl"]
    yield made
    client.delete_queue(QueueUrl=made)


def give(url: str, *, visibility: int = 720, arn: str = "", receives: int = 50) -> None:
    attributes: dict[Any, str] = {"VisibilityTimeout": str(visibility)}
    if arn:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives})
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)


def test_a_sound_queue_passes(settings: Settings, url: str, dead_letters: str) -> None:
    give(url, arn=dead_letters)
    assert found(settings, url, FUNCTION_TIMEOUT=120) == []


def test_a_queue_without_a_dead_letter_queue(settings: Settings, url: str) -> None:
    give(url)
    assert found(settings, url, FUNCTION_TIMEOUT=120) == ["tasks.E041"]


def test_a_queue_that_gives_up_too_soon(settings: Settings, url: str, dead_letters: str) -> None:
    give(url, arn=dead_letters, receives=3)
    assert found(settings, url) == ["tasks.W042"]


@pytest.mark.parametrize(
    ("visibility", "window", "says"),
    [
        (119, 0, ["tasks.E043"]),
        (120, 0, ["tasks.W044"]),
        (719, 0, ["tasks.W044"]),
        (720, 0, []),
        (720, 1, ["tasks.W044"]),
    ],
)
def test_visibility_is_six_times_the_functions_timeout_and_the_window(
    settings: Settings, url: str, dead_letters: str, visibility: int, window: int, says: list[str]
) -> None:
    give(url, arn=dead_letters, visibility=visibility)
    assert found(settings, url, FUNCTION_TIMEOUT=120, BATCH_WINDOW=window) == says


def test_a_queue_that_does_not_answer(settings: Settings, stand_in: StandIn) -> None:
    stand_in.answers = [unavailable]
    assert found(settings, stand_in.url) == ["tasks.I040"]


def test_a_queue_that_is_gone(settings: Settings, url: str) -> None:
    assert found(settings, url + "-gone") == ["tasks.I040"]


def test_without_credentials_nobody_is_asked(
    settings: Settings, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert found(settings, stand_in.url) == []
    assert stand_in.requests == []


def test_it_is_asked_before_a_deployment_only(settings: Settings, stand_in: StandIn) -> None:
    run_checks()
    assert stand_in.requests == []
