from dataclasses import replace

import pytest

from serverless.emulator.aws import AwsError
from serverless.emulator.event_source import Queue, advice, check, describe, recommended_visibility
from serverless.emulator.exceptions import ConfigInvalid
from tests.serverless.emulator.event_source.support import MAPPING, queue
from tests.serverless.emulator.support import function_config, in_loop

WORKER = replace(function_config("handlers.batch", concurrency=2), name="worker", timeout_s=120)


def of(visibility: int) -> Queue:
    return Queue(url="http://sqs/1/q", arn="arn:aws:sqs:us-east-1:123456789012:mail", visibility_s=visibility)


@in_loop
async def test_a_queue_is_as_sqs_describes_it() -> None:
    async with queue(visibility=77) as (aws, made):
        assert made.visibility_s == 77
        assert made.arn == f"arn:aws:sqs:us-east-1:123456789012:{made.name}"
        assert made.url.endswith(made.name)
        with pytest.raises(AwsError, match="QueueDoesNotExist"):
            await describe(aws, f"{made.url}-gone")


def test_a_visibility_timeout_under_the_functions_is_refused_in_lambdas_words() -> None:
    check(of(120), WORKER)
    with pytest.raises(
        ConfigInvalid, match=r"Queue visibility timeout: 119 seconds is less than Function timeout: 120 seconds"
    ):
        check(of(119), WORKER)


@pytest.mark.parametrize("window", [0, 30])
def test_six_times_the_timeout_and_the_window_are_recommended(window: int) -> None:
    config = replace(MAPPING, batching_window_s=window)
    assert recommended_visibility(WORKER, config) == 720 + window
    assert advice([of(720 + window)], WORKER, config) == []
    (said,) = advice([of(719 + window), of(43_200)], replace(WORKER, concurrency=4), config)
    assert said.startswith(
        f"The visibility timeout of queue mail is {719 + window} s: AWS recommends {720 + window} s, 6 times"
    )


@pytest.mark.parametrize(("maximum", "queues", "most"), [(2, 1, 2), (2, 3, 6), (None, 1, 1250)])
def test_more_batches_than_environments_are_advised_against(maximum: int | None, queues: int, most: int) -> None:
    config = replace(MAPPING, maximum_concurrency=maximum)
    assert advice([of(720)] * queues, replace(WORKER, concurrency=most), config) == []
    (said,) = advice([of(720)] * queues, replace(WORKER, concurrency=most - 1), config)
    assert said.startswith(f"Up to {most} batches may be in progress, worker has {most - 1} environments")
