import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from serverless import signed
from serverless.sigv4 import MissingCredentials
from serverless.tasks.exceptions import SendFailed
from serverless.tasks.produce.queue import Entry, send_batch
from tests.serverless.tasks.conftest import Queue, StandIn, accept, hang_up, refuse, unavailable

HELLO = Entry(body='{"task": "1"}', delay=0)


def test_real_sqs_takes_a_batch(real_queue: Queue) -> None:
    entries = [Entry(body=f'{{"task": "{index}"}}', delay=900 if index == 0 else 0) for index in range(10)]
    assert send_batch(real_queue.url, entries) == {}
    assert real_queue.ids() == {str(index) for index in range(1, 10)}
    assert real_queue.delayed() == 1


def test_the_request_is_the_documented_one_and_signed(stand_in: StandIn) -> None:
    send_batch(stand_in.url, [HELLO])
    assert stand_in.requests == [
        {"QueueUrl": stand_in.url, "Entries": [{"Id": "0", "MessageBody": HELLO.body, "DelaySeconds": 0}]}
    ]
    headers = {name.lower(): value for name, value in stand_in.headers[0].items()}
    assert headers["x-amz-target"] == "AmazonSQS.SendMessageBatch"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert "/us-east-1/sqs/aws4_request" in headers["authorization"]


def test_the_connection_is_kept(stand_in: StandIn) -> None:
    for _ in range(3):
        send_batch(stand_in.url, [HELLO])
    assert stand_in.connections == 1


def test_threads_never_share_a_connection(stand_in: StandIn) -> None:
    together = threading.Barrier(2)

    def answer_both(request: dict[str, Any]) -> tuple[int, Any]:
        together.wait(timeout=5)
        return accept(request)

    stand_in.answers = [answer_both, answer_both]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: send_batch(stand_in.url, [HELLO]), range(2))) == [{}, {}]
    send_batch(stand_in.url, [HELLO])
    assert stand_in.connections == 2


def test_a_kept_connection_that_was_closed_is_opened_again_once(stand_in: StandIn) -> None:
    send_batch(stand_in.url, [HELLO])
    stand_in.answers = [hang_up]
    assert send_batch(stand_in.url, [HELLO]) == {}
    assert (stand_in.connections, len(stand_in.requests)) == (2, 3)


def test_a_new_connection_that_is_closed_is_a_failure(stand_in: StandIn) -> None:
    stand_in.answers = [hang_up]
    with pytest.raises(SendFailed, match="RemoteDisconnected"):
        send_batch(stand_in.url, [HELLO])
    assert len(stand_in.requests) == 1


def test_a_connection_idle_for_long_is_not_trusted(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    send_batch(stand_in.url, [HELLO])
    monkeypatch.setattr(signed, "MAX_IDLE", 0.0)
    send_batch(stand_in.url, [HELLO])
    assert stand_in.connections == 2


def test_refused_entries_are_named(stand_in: StandIn) -> None:
    stand_in.answers = [refuse(1)]
    assert send_batch(stand_in.url, [HELLO, HELLO, HELLO]) == {1: "InternalError"}


def test_entries_without_an_answer_count_as_refused(stand_in: StandIn) -> None:
    stand_in.answers = [lambda _: (200, {"Successful": [{"Id": "0"}]})]
    assert send_batch(stand_in.url, [HELLO, HELLO]) == {1: "NoAnswer"}


def test_an_error_of_the_whole_request_names_its_code(stand_in: StandIn) -> None:
    stand_in.answers = [unavailable]
    with pytest.raises(SendFailed, match="503 ServiceUnavailable"):
        send_batch(stand_in.url, [HELLO])


@pytest.mark.parametrize("answer", ["text", ["list"], {"Successful": [{}]}, {"Successful": 7}])
def test_an_unreadable_answer_is_a_failure(stand_in: StandIn, answer: object) -> None:
    stand_in.answers = [lambda _: (200, answer)]
    with pytest.raises(SendFailed, match="unreadable answer"):
        send_batch(stand_in.url, [HELLO])


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_ACCESS_KEY_ID"])
def test_an_environment_that_is_not_complete_leaves_the_task_to_the_tick(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    with pytest.raises((SendFailed, MissingCredentials), match=name):
        send_batch(stand_in.url, [HELLO])


def test_nobody_there_is_a_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/123456789012/default"
        with pytest.raises(SendFailed, match="ConnectionRefusedError"):
            send_batch(url, [HELLO])


def test_silence_is_a_failure_after_the_read_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed, "READ_TIMEOUT", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/123456789012/default"
        with pytest.raises(SendFailed, match="TimeoutError"):
            send_batch(url, [HELLO])
