import math
from typing import Any

import pytest

from serverless.tasks.exceptions import UnstorableValue
from serverless.tasks.values import MAX_TRACEBACK, describe, storable


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, None),
        ({"a": (1, 2.5, True)}, {"a": [1, 2.5, True]}),
        ("Zoë 📷", "Zoë 📷"),
        ("a literal \\u0000 is text", "a literal \\u0000 is text"),
    ],
)
def test_json_is_kept(value: Any, stored: Any) -> None:
    assert storable(value) == stored


@pytest.mark.parametrize("value", ["a\0b", "\\\0", {"\0": 1}, "\ud800", math.nan, [math.inf], object(), {1, 2}])
def test_what_postgresql_refuses_is_refused(value: Any) -> None:
    with pytest.raises(UnstorableValue):
        storable(value)


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - any is to be described
        return caught


def test_an_error_keeps_its_class_and_the_end_of_its_traceback() -> None:
    described = describe(raised(LookupError("x" * MAX_TRACEBACK + " the cause")))
    assert described["exception_class_path"] == "builtins.LookupError"
    assert len(described["traceback"]) == MAX_TRACEBACK
    assert described["traceback"].endswith(" the cause\n")


def test_an_error_is_always_storable() -> None:
    described = describe(raised(ValueError("a\0b \ud800")))
    assert storable(described) == described
    assert "a\\0b \\ud800" in described["traceback"]
