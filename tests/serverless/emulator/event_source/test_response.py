"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, success and failure conditions."""

import json

import pytest

from serverless.emulator.event_source.response import failed_ids
from serverless.emulator.results import Failure, Result

BATCH = ["m1", "m2", "m3"]


def failed(payload: bytes, *, failure: Failure | None = None, report: bool = True) -> set[str]:
    return set(failed_ids(Result(payload=payload, failure=failure), BATCH, report_batch_item_failures=report))


def answered(answer: object) -> set[str]:
    return failed(json.dumps(answer).encode())


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"other": 1}])
def test_these_answers_are_a_success(answer: object) -> None:
    assert answered(answer) == set()


def test_an_empty_response_is_a_success() -> None:
    assert failed(b"") == set()


def test_named_messages_failed() -> None:
    assert answered({"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m2"}]}) == {"m2"}


@pytest.mark.parametrize(
    "failures",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"itemIdentifier": 1}],
        [{"messageId": "m1"}],
        [{"itemIdentifier": "m1"}, {"itemIdentifier": "unknown"}],
        ["m1"],
        "m1",
        {"itemIdentifier": "m1"},
    ],
)
def test_these_answers_fail_the_whole_batch(failures: object) -> None:
    assert answered({"batchItemFailures": failures}) == set(BATCH)


@pytest.mark.parametrize("payload", [b"not json", b'{"batchItemFailures": [', b'"text"', b"[]", b"\xff"])
def test_other_shapes_fail_the_whole_batch(payload: bytes) -> None:
    assert failed(payload) == set(BATCH)


@pytest.mark.parametrize("failure", list(Failure))
@pytest.mark.parametrize("report", [True, False])
def test_a_function_error_fails_the_whole_batch(failure: Failure, report: bool) -> None:
    assert failed(b'{"batchItemFailures": []}', failure=failure, report=report) == set(BATCH)


@pytest.mark.parametrize("payload", [b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}', b"not json", b'"text"'])
def test_without_the_response_type_the_value_is_ignored(payload: bytes) -> None:
    assert failed(payload, report=False) == set()
