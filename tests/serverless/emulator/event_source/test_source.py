"""The mapping on moto's SQS and real execution environments, case by case as docs/reference/event-source-mapping.md."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import boto3
import pytest
from aiohttp import web

from serverless.emulator.aws import AwsClient, AwsError
from serverless.emulator.event_source import Queue
from tests.serverless.emulator.event_source.support import (
    counts,
    events,
    polling,
    queue,
    receives,
    records,
    send,
    settled,
)
from tests.serverless.emulator.support import eventually, function_config, in_loop, running

BATCH = function_config("handlers.batch")


@in_loop
async def test_successes_are_deleted_and_failures_come_back_when_their_visibility_ends() -> None:
    log: list[str] = []
    async with queue(visibility=2) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, "ok", "fail", "fine")
        async with polling(function, aws, made, log):
            assert await settled(aws, made, (0, 1))
            await eventually(lambda: len(receives(log, "fail")) > 1)
    assert sorted(record["body"] for record in records(log) if record["body"] != "fail") == ["fine", "ok"]
    assert receives(log, "fail")[:2] == ["1", "2"]
    first, second = [record for record in records(log) if record["body"] == "fail"][:2]
    assert first["messageId"] == second["messageId"]
    assert first["receiptHandle"] != second["receiptHandle"]
    for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp", "SenderId"):
        assert first["attributes"][name] == second["attributes"][name]


@in_loop
async def test_a_record_is_as_in_awss_example() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        attributes = {
            "trace": {"DataType": "String", "StringValue": "t-1"},
            "size": {"DataType": "Number", "StringValue": "3.5"},
            "raw": {"DataType": "Binary", "BinaryValue": base64.b64encode(b"\x00\xff").decode()},
        }
        sent = await aws.sqs("SendMessage", QueueUrl=made.url, MessageBody="hé", MessageAttributes=attributes)
        async with polling(function, aws, made, log):
            assert await settled(aws, made, (0, 0))
    (record,) = records(log)
    assert record.pop("receiptHandle")
    assert set(record.pop("md5OfMessageAttributes")) <= set("0123456789abcdef")
    system = record.pop("attributes")
    assert set(system) == {
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    }
    assert abs(int(system["SentTimestamp"]) / 1000 - time.time()) < 60
    assert int(system["ApproximateFirstReceiveTimestamp"]) >= int(system["SentTimestamp"])
    lists: dict[str, list[str]] = {"stringListValues": [], "binaryListValues": []}
    assert record == {
        "messageId": sent["MessageId"],
        "body": "hé",
        "messageAttributes": {
            "trace": {"stringValue": "t-1", **lists, "dataType": "String"},
            "size": {"stringValue": "3.5", **lists, "dataType": "Number"},
            "raw": {"binaryValue": "AP8=", **lists, "dataType": "Binary"},
        },
        "md5OfBody": sent["MD5OfMessageBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": made.arn,
        "awsRegion": "us-east-1",
    }


@in_loop
async def test_a_raised_error_leaves_the_whole_batch_in_flight_and_a_poll_ends_at_once() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, "ok", "raise")
        async with polling(function, aws, made, log):
            await eventually(lambda: any("as asked" in line for line in log))
            await asyncio.sleep(0.2)
            assert await counts(aws, made) == (0, 2)


@in_loop
async def test_without_partial_responses_what_the_function_returns_is_ignored() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, "ok", "fail")
        async with polling(function, aws, made, log, report_batch_item_failures=False):
            assert await settled(aws, made, (0, 0))
    assert len(records(log)) == 2


@in_loop
async def test_a_batch_is_gathered_over_several_receives_while_its_window_is_open() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, *map(str, range(25)))
        started = time.monotonic()
        async with polling(function, aws, made, log, batch_size=100, batching_window_s=1):
            assert await settled(aws, made, (0, 0))
            assert time.monotonic() - started >= 1
    assert len(records(log)) == 25
    assert max(len(event["Records"]) for event in events(log)) > 10  # of two pollers, one has at least 13


@in_loop
async def test_a_full_batch_does_not_wait_for_the_end_of_its_window() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, *map(str, range(24)))
        async with polling(function, aws, made, log, batch_size=12, batching_window_s=300):
            assert await settled(aws, made, (0, 0))
    assert [len(event["Records"]) for event in events(log)] == [12, 12]


@in_loop
async def test_seven_messages_of_1_mib_are_more_than_one_event() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(function_config("handlers.obey"), log=log) as function:
        sqs = boto3.client("sqs")
        for _ in range(7):
            await asyncio.to_thread(sqs.send_message, QueueUrl=made.url, MessageBody="x" * (1 << 20))
        async with polling(function, aws, made, log):
            assert await settled(aws, made, (0, 0))
    assert sum("START RequestId" in line for line in log) >= 2
    assert not any("over Lambda's 6 MB" in line for line in log)


@in_loop
async def test_a_throttled_batch_is_tried_again_with_the_same_receive_and_told_of_once() -> None:
    log: list[str] = []
    config = function_config("handlers.batch", concurrency=1)
    async with queue(visibility=60) as (aws, made), running(config, log=log) as function:
        await send(aws, made, "sleep 1", "sleep 1", "sleep 1")
        async with polling(function, aws, made, log, batch_size=1, maximum_concurrency=3) as source:
            await eventually(lambda: any("is throttled" in line for line in log))
            assert source.pollers == 3  # none gives up its batch
            assert await settled(aws, made, (0, 0))
    assert receives(log, "sleep 1") == ["1", "1", "1"]
    (line,) = [line for line in log if "throttled" in line]
    assert line == f"Queue {made.name} is throttled: all 1 environments of f are busy. Trying again until one is free."


@in_loop
async def test_throttled_until_its_visibility_ends_a_batch_goes_back_and_is_received_again() -> None:
    log: list[str] = []
    config = function_config("handlers.batch", concurrency=1)
    async with queue(visibility=1) as (aws, made), running(config, log=log) as function:
        busy = asyncio.create_task(function.invoke({"Records": [{"messageId": "m", "body": "sleep 3"}]}))
        await eventually(lambda: any("START" in line for line in log))
        await send(aws, made, "late")
        async with polling(function, aws, made, log):
            await eventually(lambda: f"Messages went back to queue {made.name}" in "\n".join(log))
            await eventually(lambda: receives_of_late(log) > 1)
        await busy


def receives_of_late(log: list[str]) -> int:
    given = [record for record in records(log) if record["body"] == "late"]
    return max((int(record["attributes"]["ApproximateReceiveCount"]) for record in given), default=0)


@in_loop
async def test_a_backlog_adds_pollers_up_to_the_maximum_concurrency() -> None:
    log: list[str] = []
    config = function_config("handlers.batch", concurrency=7)
    async with queue(visibility=60) as (aws, made), running(config, log=log) as function:
        await send(aws, made, *(f"sleep 2.{index}" for index in range(9)))
        async with polling(function, aws, made, log, batch_size=1, maximum_concurrency=7) as source:
            await asyncio.sleep(0)
            assert source.pollers == 5
            await eventually(lambda: source.pollers == 7)
            await asyncio.sleep(0.5)
            assert source.pollers == 7
    assert not any("throttled" in line for line in log)


@in_loop
async def test_messages_that_come_one_by_one_add_no_poller() -> None:
    log: list[str] = []
    async with (
        queue(visibility=60) as (aws, made),
        running(BATCH, log=log) as function,
        polling(function, aws, made, log, maximum_concurrency=1000) as source,
    ):
        for number in range(4):
            await send(aws, made, str(number))
            await asyncio.sleep(0.3)
        assert await settled(aws, made, (0, 0))
        assert source.pollers == 5


@pytest.mark.parametrize(("report", "pollers"), [(True, 2), (False, 1)])
def test_a_crash_fails_the_batch_and_slows_polling_only_without_partial_responses(report: bool, pollers: int) -> None:
    @in_loop
    async def scenario() -> None:
        log: list[str] = []
        async with queue(visibility=2) as (aws, made), running(BATCH, log=log) as function:
            await send(aws, made, "exit", "ok")
            async with polling(function, aws, made, log, report_batch_item_failures=report) as source:
                await eventually(lambda: any("Status: error" in line for line in log))
                await send(aws, made, "exit")  # the poller that would end has to come back from its long poll
                await eventually(lambda: sum("Status: error" in line for line in log) > 1)
                await eventually(lambda: source.pollers == pollers)
                assert await settled(aws, made, (0, 3))

    scenario()


def test_an_init_error_fails_the_batch_which_comes_back(tmp_path: Path) -> None:
    mended = tmp_path / "mended"

    @in_loop
    async def scenario() -> None:
        log: list[str] = []
        environ = {"INIT": "raise", "MENDED": str(mended)}
        config = function_config("fragile.site")
        async with queue(visibility=2) as (aws, made), running(config, log=log, environ=environ) as function:
            await send(aws, made, "a", "b")
            async with polling(function, aws, made, log):
                await eventually(lambda: sum("INIT_REPORT" in line for line in log) >= 2)
                assert await counts(aws, made) != (0, 0)
                mended.touch()
                assert await settled(aws, made, (0, 0))

    scenario()


@in_loop
async def test_a_disabled_mapping_leaves_messages_in_the_queue() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, "ok")
        async with polling(function, aws, made, log, enabled=False):
            await asyncio.sleep(0.3)
            assert await counts(aws, made) == (1, 0)
    assert log == [f"The event source mapping of queue {made.name} is disabled: its messages wait."]


@in_loop
async def test_after_its_last_receive_a_message_moves_to_the_dead_letter_queue_with_its_attributes() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, dead):
        redrive = {"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2}
        async with queue(visibility=1, redrive=redrive) as (_, made), running(BATCH, log=log) as function:
            attributes = {"trace": {"DataType": "String", "StringValue": "t-1"}}
            sent = await aws.sqs("SendMessage", QueueUrl=made.url, MessageBody="fail", MessageAttributes=attributes)
            async with polling(function, aws, made, log):
                assert await settled(aws, dead, (1, 0))
                assert await counts(aws, made) == (0, 0)
        assert receives(log, "fail") == ["1", "2"]
        answer = await aws.sqs(
            "ReceiveMessage", QueueUrl=dead.url, AttributeNames=["All"], MessageAttributeNames=["All"]
        )
    (message,) = answer["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["MessageAttributes"]["trace"]["StringValue"] == "t-1"
    first = next(record for record in records(log))["attributes"]
    assert message["Attributes"]["SentTimestamp"] == first["SentTimestamp"]


@asynccontextmanager
async def refusing(action: str) -> AsyncIterator[tuple[AwsClient, list[str]]]:
    """SQS behind a proxy that answers 503 to `action` while the list has a word in it."""
    refuse = ["yes"]
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            if refuse and request.headers["x-amz-target"] == f"AmazonSQS.{action}":
                return web.Response(status=503, text="ServiceUnavailable")
            headers = {name: request.headers[name] for name in ("content-type", "x-amz-target", "authorization")}
            body = await request.read()
            async with session.post(os.environ["AWS_ENDPOINT_URL"], data=body, headers=headers) as answer:
                return web.Response(status=answer.status, body=await answer.read())

        runner = web.ServerRunner(web.Server(forward, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        aws = AwsClient({**os.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{runner.addresses[0][1]}"})
        try:
            yield aws, refuse
        finally:
            await aws.close()
            await runner.cleanup()


@in_loop
async def test_a_message_that_could_not_be_deleted_is_delivered_again() -> None:
    log: list[str] = []
    async with (
        queue(visibility=1) as (aws, made),
        refusing("DeleteMessageBatch") as (proxied, refuse),
        running(BATCH, log=log) as function,
    ):
        await send(aws, made, "ok")
        async with polling(function, proxied, made, log):
            await eventually(lambda: any(f"Messages of queue {made.name} stay in it: 1." in line for line in log))
            refuse.clear()
            assert await settled(aws, made, (0, 0))
    assert receives(log, "ok")[:2] == ["1", "2"]


@in_loop
async def test_what_sqs_answers_200_to_but_did_not_delete_is_told() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, made), running(BATCH, log=log) as function:
        await send(aws, made, "sleep 0.5")
        async with polling(function, aws, made, log):
            await eventually(lambda: bool(events(log)))
            await aws.sqs("PurgeQueue", QueueUrl=made.url)
            told = f"SQS did not delete a message of queue {made.name}: ReceiptHandleIsInvalid."
            await eventually(lambda: told in log)


@in_loop
async def test_a_queue_that_does_not_answer_is_tried_again() -> None:
    log: list[str] = []
    gone = Queue(url="http://127.0.0.1:9/1/q", arn="arn:aws:sqs:us-east-1:1:q", visibility_s=60)
    aws = AwsClient({**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    with pytest.raises(AwsError, match="SQS GetQueueUrl failed"):
        await aws.sqs("GetQueueUrl", QueueName="q")
    async with running(BATCH) as function, polling(function, aws, gone, log):
        await eventually(lambda: len(log) > 2)
    await aws.close()
    assert all(line.endswith("Trying again in 1 s.") for line in log)
