import logging
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from serverless.tasks.produce.message import Message
from tests import aws
from tests.serverless.tasks.admin.people import ALL, VIEW, staff
from tests.serverless.tasks.conftest import Queue, StandIn, unavailable
from tests.serverless.tasks.rows import row

pytestmark = pytest.mark.django_db

LIST = "/admin/tasks/taskrow/letters/"
PAGE = f"{LIST}default/"


def put(url: str, body: str) -> None:
    aws.client("sqs").send_message(
        QueueUrl=url, MessageBody=body, MessageAttributes={"from": {"DataType": "String", "StringValue": "a form"}}
    )


def look(client: Client) -> list[Any]:
    answer = client.post(PAGE, {"action": "look"})
    assert answer.status_code == HTTPStatus.OK
    shown: list[Any] = answer.context["shown"]
    return shown


def waiting(url: str) -> int:
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_the_overview_counts_and_finds_the_queue_by_its_policy(dead_url: str) -> None:
    put(dead_url, "hello")
    (queue,) = staff(*VIEW).get(LIST).context["queues"]
    assert (queue["name"], queue["letters"].url, queue["letters"].count) == ("default", dead_url, 1)


def test_a_queue_without_one_is_said_to_have_none(real_queue: Queue) -> None:
    client = staff(*VIEW)
    assert "has no dead-letter queue" in client.get(LIST).content.decode()
    assert "has no dead-letter queue" in client.get(PAGE).content.decode()


def test_an_unknown_queue_is_not_found(real_queue: Queue) -> None:
    with_none = staff(*VIEW).get(f"{LIST}nope/")
    assert with_none.status_code == HTTPStatus.NOT_FOUND


def test_looking_shows_what_each_message_is(dead_url: str) -> None:
    one = row("done")
    put(dead_url, '{"<b>": "from elsewhere"}')
    put(dead_url, Message(id=one.pk, database="default").dumps())
    client = staff(*ALL)
    page = client.post(PAGE, {"action": "look"}).content.decode()
    assert "Something else sends to this queue." in page
    assert "&lt;b&gt;" in page
    assert "Its task is done." in page
    assert f"/admin/tasks/taskrow/{one.pk}/change/" in page
    assert "a form" in page
    assert "Received 1 time" in page


def test_the_page_itself_takes_nothing_out(dead_url: str) -> None:
    put(dead_url, "hello")
    client = staff(*ALL)
    for _ in range(3):
        client.get(PAGE)
        client.get(LIST)
    (shown,) = look(client)
    assert shown.letter.receives == 1


def test_chosen_messages_go_back_with_their_attributes(dead_url: str, real_queue: Queue) -> None:
    put(dead_url, '{"a": 1}')
    put(dead_url, '{"b": 2}')
    client = staff(*ALL)
    first = next(shown for shown in look(client) if shown.letter.body == '{"a": 1}')
    client.post(PAGE, {"action": "redrive", "letter": [first.token]})
    (back,) = aws.client("sqs").receive_message(QueueUrl=real_queue.url, MessageAttributeNames=["All"])["Messages"]
    assert back["Body"] == '{"a": 1}'
    assert back["MessageAttributes"]["from"].get("StringValue") == "a form"
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=dead_url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"  # the other one, held for who looks


def test_chosen_messages_are_deleted(dead_url: str, real_queue: Queue) -> None:
    put(dead_url, "x" * 9000)
    client = staff(*ALL)
    (shown,) = look(client)
    assert not shown.whole
    client.post(PAGE, {"action": "redrive", "letter": [shown.token]})  # too long to be carried by the page
    assert waiting(real_queue.url) == 0
    client.post(PAGE, {"action": "delete", "letter": [shown.token]})
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=dead_url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_what_the_page_did_not_show_is_not_sent(dead_url: str, real_queue: Queue) -> None:
    put(dead_url, "hello")
    client = staff(*ALL)
    (shown,) = look(client)
    forged = shown.token[:-3] + "abc"
    answer = client.post(PAGE, {"action": "redrive", "letter": [forged, ""]}, follow=True)
    assert "not as this page had shown it" in answer.content.decode()
    assert waiting(real_queue.url) == 0


@pytest.mark.parametrize("action", ["look", "redrive", "delete"])
def test_who_may_only_look_at_tasks_takes_nothing(dead_url: str, action: str) -> None:
    put(dead_url, "hello")
    client = staff(*VIEW)
    assert client.post(PAGE, {"action": action}).status_code == HTTPStatus.FORBIDDEN
    assert "Look at messages" not in client.get(PAGE).content.decode()
    assert waiting(dead_url) == 1


def test_who_has_no_permission_sees_neither_page(real_queue: Queue) -> None:
    client = staff()
    assert client.get(LIST).status_code == HTTPStatus.FORBIDDEN
    assert client.get(PAGE).status_code == HTTPStatus.FORBIDDEN


def test_a_post_without_its_token_is_refused(dead_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        assert staff(*ALL, csrf=True).post(PAGE, {"action": "look"}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("path", [LIST, PAGE])
def test_a_queue_that_is_away_is_said_to_be(stand_in: StandIn, path: str) -> None:
    stand_in.answers = [unavailable]
    assert "SQS answered 503 ServiceUnavailable." in staff(*ALL).get(path).content.decode()


def test_so_is_one_that_goes_away_while_one_looks(stand_in: StandIn) -> None:
    stand_in.answers = [unavailable]
    page = staff(*ALL).post(PAGE, {"action": "look"}).content.decode()
    assert "SQS answered 503 ServiceUnavailable." in page


def test_looking_costs_as_many_queries_however_many_there_are(dead_url: str) -> None:
    client = staff(*ALL)

    def cost() -> int:
        put(dead_url, Message(id=row().pk, database="default").dumps())
        with CaptureQueriesContext(connection) as queries:
            look(client)
        return len(queries)

    first = cost()
    for _ in range(4):
        put(dead_url, Message(id=row().pk, database="default").dumps())
    assert cost() == first
