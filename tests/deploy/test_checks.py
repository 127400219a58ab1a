"""The checks of a stage that ask its functions, tried on functions that were released here."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from serverless import aws
from serverless.deploy.release import Stage, open_stage
from serverless.events.build import sqs
from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.outputs import HomeOutput
from tests.aws import checks
from tests.deploy.cloud import Cloud
from tests.deploy.conftest import Zips, release


@pytest.fixture(scope="module")
def served(cloud: Cloud, config: StackConfig, zips: Zips, static_folder: Path) -> Stage:
    stage = open_stage(config, log=lambda _: None)
    release(stage, zips("checked"), static_folder)
    return stage


@contextmanager
def _mapping(stage: Stage) -> Iterator[None]:
    """Wake the worker with what comes, as the event source mapping does."""
    client, url = aws.client("sqs", region=stage.config.region), stage.outputs[HomeOutput.TASK_QUEUES].partition("=")[2]
    ended = threading.Event()

    def poll() -> None:
        while not ended.wait(0.05):
            for found in client.receive_message(QueueUrl=url).get("Messages", ()):
                message: Any = {"messageId": found["MessageId"], "body": found["Body"], "receiptHandle": "r"}
                message |= {
                    "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"},
                    "messageAttributes": {},
                }
                arn = f"arn:aws:sqs:{stage.config.region}:123456789012:{url.rpartition('/')[2]}"
                stage.functions.invoke(stage.name("worker"), names.ALIAS, sqs([message], queue_arn=arn))

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_released_stage_is_as_its_record_says(served: Stage) -> None:
    assert list(checks.versions(served)) == []


def test_each_function_reads_the_database_by_its_own_user(served: Stage) -> None:
    assert list(checks.databases(served)) == []


def test_a_task_that_nobody_runs_is_told(served: Stage) -> None:
    (problem,) = checks.round_trip(served, patience_s=0.1, pause_s=0.05)
    assert "nobody has run" in problem


def test_a_task_goes_round(served: Stage) -> None:
    with _mapping(served):
        assert list(checks.round_trip(served, patience_s=20, pause_s=0.1)) == []
