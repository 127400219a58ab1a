import uuid

import pytest

from serverless.tasks.exceptions import MalformedMessage
from serverless.tasks.produce.message import Message

ID = "0198f2a1-7c3b-7000-8000-000000000001"


def test_reads_what_it_writes() -> None:
    message = Message(id=uuid.UUID(ID), database="other")
    assert message.dumps() == f'{{"task": "{ID}", "database": "other"}}'
    assert Message.loads(message.dumps()) == message


MALFORMED = [
    "",
    "hello",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"task": null, "database": "default"}',
    '{"task": 7, "database": "default"}',
    '{"task": "not-an-id", "database": "default"}',
    f'{{"task": "{ID}"}}',
    f'{{"task": "{ID}", "database": null}}',
    f'{{"task": "{ID}", "database": ["default"]}}',
    f'{{"task": "{ID}", "database": "default"',
    "[" * 100_000,
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_refuses_what_it_does_not_write(body: str) -> None:
    with pytest.raises(MalformedMessage):
        Message.loads(body)
