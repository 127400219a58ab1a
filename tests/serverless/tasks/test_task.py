from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.tasks import task as django_task
from django.tasks.exceptions import InvalidTask

from serverless.tasks import Task, UnstorableValue
from serverless.tasks.task import Keys, Signature
from tests.serverless.tasks.policies import in_order, latest, once, plus, ten_a_minute, two_a_studio


def test_djangos_decorator_takes_the_same_options() -> None:
    made = django_task(max_attempts=3)(plus.func)  # type: ignore[call-overload] # its stubs know Django's options only
    assert isinstance(made, Task)
    assert made.max_attempts == 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"max_attempts": 0}, "max_attempts"),
        ({"backoff": -1.0}, "backoff"),
        ({"backoff": 60.0, "max_backoff": 30.0}, "max_backoff"),
        ({"timeout": 0.0}, "timeout"),
        ({"expires_after": timedelta(0)}, "expires_after"),
        ({"unique": "ignore"}, '"drop", "replace"'),
        ({"unique_by": str}, "unique_by has no effect"),
        ({"limit_by": str}, "limit_by has no effect"),
        ({"concurrency": 0}, "concurrency"),
        ({"rate": "0/s"}, '"10/m"'),
        ({"rate": "ten/m"}, '"10/m"'),
        ({"rate": "10"}, '"10/m"'),
        ({"rate": "10/y"}, '"10/m"'),
        ({"rate": "-1/s"}, '"10/m"'),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidTask, match=says):
        replace(plus, **options)


def test_an_unknown_option_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="retries"):
        django_task(retries=3)(plus.func)  # type: ignore[call-overload] # what is tested


@pytest.mark.parametrize(("rate", "seconds"), [("4/s", 0.25), ("10/m", 6.0), ("1/h", 3600.0), ("2/d", 43200.0)])
def test_a_rate_is_an_interval(rate: str, seconds: float) -> None:
    assert replace(plus, rate=rate).interval == seconds


def test_keys_say_what_a_call_is_unique_ordered_and_limited_by() -> None:
    assert plus.keys([1, 2], {}) == Keys()
    assert latest.keys(["g1"], {"note": "a"}) == Keys(unique="tests.serverless.tasks.policies.latest g1")
    assert in_order.keys(["a1", 7], {}) == Keys(order="a1")
    assert two_a_studio.keys(["s1"], {}) == Keys(limit="s1")
    assert ten_a_minute.keys([1], {}) == Keys(limit="tests.serverless.tasks.policies.ten_a_minute")
    assert latest.keys([None], {}) == Keys()


def test_without_a_key_function_all_arguments_are_the_key() -> None:
    same = {once.keys([{"b": 1, "a": 2}], {}).unique, once.keys([{"a": 2, "b": 1}], {}).unique}
    assert len(same) == 1
    calls: list[tuple[list[Any], dict[str, Any]]] = [([1], {}), (["1"], {}), ([], {"note": "1"}), ([], {})]
    others = {once.keys(*call).unique for call in calls}
    assert len(others) == 4


@pytest.mark.parametrize("key", ["", "x" * 201, "a\0b"])
def test_a_key_that_no_column_holds_is_refused(key: str) -> None:
    with pytest.raises(UnstorableValue, match="key"):
        in_order.keys([key, 1], {})


def test_a_signature_is_stored_as_json() -> None:
    signature = plus.signature(1, b=2).using(priority=5)
    assert isinstance(signature, Signature)
    assert signature.stored() == {
        "path": "tests.serverless.tasks.policies.plus",
        "backend": "default",
        "queue": "default",
        "priority": 5,
        "args": [1],
        "kwargs": {"b": 2},
        "takes_value": True,
    }
    with pytest.raises(UnstorableValue):
        plus.signature(object()).stored()


def test_options_survive_using() -> None:
    assert replace(plus, max_attempts=9).using(priority=3).max_attempts == 9  # type: ignore[attr-defined] # same class
