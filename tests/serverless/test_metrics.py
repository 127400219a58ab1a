import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from serverless.catalogue import FUNCTIONS
from serverless.log import JsonFormatter
from serverless.metrics import MAX_DIMENSION, MAX_VALUES, Metric, embedded, put


class Lines(logging.Handler):
    """What goes to standard error, as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.said: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.said
    logging.getLogger().removeHandler(handler)


def test_a_line_is_what_the_specification_asks_for(lines: list[dict[str, Any]]) -> None:
    put("Loupe", {"Depth": Metric(value=3, unit="Count"), "Age": Metric(value=[0.5, 2], unit="Seconds")},
        dimensions={"Queue": "default"})  # fmt: skip
    (line,) = lines
    assert (line["Queue"], line["Depth"], line["Age"]) == ("default", 3, [0.5, 2])
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "Loupe",
        "Dimensions": [["Queue"]],
        "Metrics": [{"Name": "Depth", "Unit": "Count"}, {"Name": "Age", "Unit": "Seconds"}],
    }
    assert 1_700_000_000_000 < line["_aws"]["Timestamp"] < 10_000_000_000_000  # milliseconds


def test_on_lambda_the_function_keeps_stages_apart(
    lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "loupe-staging-worker")
    put("Loupe", {"Failed": Metric(value=1, unit="Count")}, dimensions={"Task": "a.b"}, summed=True)
    put("Loupe", {"Due": Metric(value=1, unit="Count")}, dimensions={"Queue": "default"})
    assert [line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for line in lines] == [
        [["Function", "Task"], ["Function"]],
        [["Function", "Queue"]],
    ]
    assert {line["Function"] for line in lines} == {"loupe-staging-worker"}


def test_the_level_of_the_log_does_not_turn_it_off(lines: list[dict[str, Any]]) -> None:
    assert logging.getLogger().level == logging.WARNING  # what the tests set
    put("Loupe", {"Depth": Metric(value=0, unit="Count")}, dimensions={})
    assert len(lines) == 1


@pytest.mark.parametrize("count", [0, MAX_VALUES + 1])
def test_more_values_than_a_line_holds_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 100 values"):
        put("Loupe", {"Age": Metric(value=[1.0] * count, unit="Seconds")}, dimensions={})


def test_as_many_as_it_holds_are_taken_and_dimensions_are_cut(lines: list[dict[str, Any]]) -> None:
    put("Loupe", {"Age": Metric(value=[1.0] * MAX_VALUES, unit="Seconds")}, dimensions={"Task": "x" * 2000})
    assert len(lines[0]["Age"]) == MAX_VALUES
    assert len(lines[0]["Task"]) == MAX_DIMENSION


def test_what_is_embedded_is_what_put_writes(lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "loupe-staging")
    put(FUNCTIONS, {"Latency": Metric(value=0.5, unit="Seconds"), "Queries": Metric(value=3, unit="Count")},
        dimensions={})  # fmt: skip
    logging.getLogger("serverless.metrics").info("metrics", extra=embedded(FUNCTIONS, {"Latency": 0.5, "Queries": 3}))
    put_, embedded_ = ({key: value for key, value in line.items() if key != "time"} for line in lines)
    assert 0 <= embedded_["_aws"].pop("Timestamp") - put_["_aws"].pop("Timestamp") < 10_000
    assert embedded_ == put_


def test_other_formatters_find_a_dictionary() -> None:
    fields = embedded(FUNCTIONS, {"Queries": 3})
    assert isinstance(fields["_aws"], dict)
    assert json.loads(json.dumps(fields["_aws"])) == json.loads(fields["_aws"].text)  # type: ignore[attr-defined]


def test_a_metric_that_the_catalogue_has_not_is_refused() -> None:
    with pytest.raises(KeyError):
        embedded(FUNCTIONS, {"Quieries": 3})
