"""A queue for each test, and a stand-in for SQS where the faults are wanted that no real server makes on demand."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
from django.db import connection
from django.db.models import F
from pytest_django.fixtures import Settings

from serverless import context, signed
from serverless.events.build import sqs
from serverless.events.types import SqsEvent, SqsMessage
from serverless.tasks.models import TaskRow
from serverless.tasks.produce.message import Message
from serverless.tasks.work import batch
from serverless.tasks.work.batch import BatchResponse
from tests import aws
from tests.serverless.tasks import jobs

BACKEND = "serverless.tasks.backend.SQSBackend"


def point_tasks_at(settings: Settings, url: str) -> None:
    options = {"QUEUE_URLS": {"default": url}}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": ["default"], "OPTIONS": options}}


def event_of(*bodies: str) -> SqsEvent:
    """Return the event that delivers ``bodies`` in messages called m0, m1 and so on."""
    messages = [
        SqsMessage(
            messageId=f"m{index}", receiptHandle="r", body=body, attributes={}, messageAttributes={}, md5OfBody=""
        )
        for index, body in enumerate(bodies)
    ]
    return sqs(messages, queue_arn="arn:aws:sqs:us-east-1:123456789012:default")


def event_for(*rows: TaskRow) -> SqsEvent:
    return event_of(*(Message(id=row.pk, database=row.database).dumps() for row in rows))


def process(*rows: TaskRow) -> list[str]:
    """Deliver a message for each row; return the ids of messages that SQS is to deliver again."""
    return [failure["itemIdentifier"] for failure in batch.process(event_for(*rows))["batchItemFailures"]]


def only_row(**filters: Any) -> TaskRow:
    return TaskRow.objects.get(**filters)


def let_pass(seconds: float, *rows: TaskRow) -> None:
    """Move the rows' clock: what lay ``seconds`` ahead is now."""
    TaskRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        **{name: F(name) - timedelta(seconds=seconds) for name in ("due_at", "wake_at", "started_at", "enqueued_at")}
    )


def demote() -> None:
    """Leave this process connected to a server that takes no writes, as a failover may."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One real queue."""

    url: str

    def receive(self) -> list[dict[str, Any]]:
        """Take all that is visible now, as Lambda's pollers do, and delete it."""
        client = aws.client("sqs")
        taken: list[dict[str, Any]] = []
        while messages := client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            taken += [json.loads(message["Body"]) for message in messages]
        return taken

    def ids(self) -> set[str]:
        return {str(body["task"]) for body in self.receive()}

    def delayed(self) -> int:
        """Return how many messages SQS keeps back."""
        name: Final = "ApproximateNumberOfMessagesDelayed"
        attributes = aws.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        return int(attributes["Attributes"][name])

    def drain(self) -> BatchResponse:
        """Process everything that is visible as one batch."""
        return batch.process(event_of(*(json.dumps(body) for body in self.receive())))


@pytest.fixture
def real_queue(settings: Settings) -> Iterator[Queue]:
    client = aws.client("sqs")
    url = client.create_queue(QueueName=f"tasks-{uuid.uuid4().hex}")["QueueUrl"]
    point_tasks_at(settings, url)
    yield Queue(url=url)
    client.delete_queue(QueueUrl=url)


@pytest.fixture
def dead_url(real_queue: Queue) -> Iterator[str]:
    """Give the queue a dead-letter queue; return its URL."""
    client = aws.client("sqs")
    url = client.create_queue(QueueName=f"{real_queue.url.rpartition('/')[2]}-dead")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 50})
    client.set_queue_attributes(QueueUrl=real_queue.url, Attributes={"RedrivePolicy": policy})
    yield url
    client.delete_queue(QueueUrl=url)


type Answer = Callable[[dict[str, Any]], tuple[int, Any] | None]


@dataclass
class StandIn:
    """An HTTP server in place of SQS: takes everything, unless ``answers`` says otherwise for the next requests.

    An answer is a status with a JSON body, or None to close the connection without a word.
    """

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    answers: list[Answer] = field(default_factory=list)

    def bodies(self) -> list[list[str]]:
        """Return the ids of tasks in each request."""
        return [[json.loads(entry["MessageBody"])["task"] for entry in request["Entries"]] for request in self.requests]

    def delays(self) -> list[int]:
        return [entry["DelaySeconds"] for request in self.requests for entry in request["Entries"]]


def accept(request: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]], "Failed": []}


def refuse(*indexes: int) -> Callable[[dict[str, Any]], tuple[int, Any]]:
    """Answer 200 with these entries failed."""

    def answer(request: dict[str, Any]) -> tuple[int, Any]:
        failed = {str(index) for index in indexes}
        ids = [entry["Id"] for entry in request["Entries"]]
        return 200, {
            "Successful": [{"Id": i} for i in ids if i not in failed],
            "Failed": [{"Id": i, "Code": "InternalError", "SenderFault": False} for i in ids if i in failed],
        }

    return answer


def unavailable(_: dict[str, Any]) -> tuple[int, Any]:
    return 503, {"__type": "com.amazonaws.sqs#ServiceUnavailable"}


def hang_up(_: dict[str, Any]) -> None:
    return None


@pytest.fixture
def stand_in(settings: Settings) -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            state.connections += 1
            super().setup()

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(request)
            state.headers.append(dict(self.headers))
            answer = (state.answers.pop(0) if state.answers else accept)(request)
            if answer is None:
                self.close_connection = True
                return
            body = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name in the base class

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    state.url = f"{origin}/123456789012/default"
    point_tasks_at(settings, state.url)
    yield state
    if kept := signed._kept.pop(origin, None):
        kept[0].close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    jobs.calls.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda:
    """Lambda's context object with ``seconds`` left."""

    seconds: float
    aws_request_id: str = "request-1"
    function_name: str = "worker"

    def get_remaining_time_in_millis(self) -> int:
        return round(self.seconds * 1000)


def process_within(seconds: float, *rows: TaskRow) -> list[str]:
    """Deliver a message for each row to a function that is killed in ``seconds``."""
    with context.invocation(Lambda(seconds=seconds)):
        return process(*rows)
