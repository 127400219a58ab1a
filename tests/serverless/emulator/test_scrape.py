"""Lines of logs in, Prometheus' text out; read back with Prometheus' own parser."""

import json
import logging
from typing import Any

import pytest
from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from serverless import catalogue
from serverless.emulator.scrape import MOST_SERIES, Scrape
from serverless.log import JsonFormatter
from serverless.metrics import Metric, embedded, put


def families(scrape: Scrape) -> dict[str, Family]:
    return {family.name: family for family in text_string_to_metric_families(scrape.text())}


def values(scrape: Scrape, name: str, **labels: str) -> list[float]:
    return [
        sample.value
        for family in families(scrape).values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]


def written(function: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, write: Any) -> list[str]:
    """Return what ``write`` prints inside a function."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
    caplog.clear()
    write()
    return [f"[{function}] {JsonFormatter().format(record)}" for record in caplog.records]


def request(**more: float) -> Any:
    fields = embedded(catalogue.FUNCTIONS, {"Latency": 0.04, "Queries": 2, **more})
    return lambda: logging.getLogger("serverless.metrics").info("request", extra=fields)


@pytest.fixture
def scrape() -> Scrape:
    return Scrape()


def test_requests_become_counters_and_histograms(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "web")
    for write in (request(ColdStarts=1), request(ServerErrors=1), request()):
        for line in written("web", monkeypatch, caplog, write):
            scrape.read(line)
    assert values(scrape, "serverless_functions_latency_seconds_count", function="web") == [3]
    assert values(scrape, "serverless_functions_latency_seconds_sum") == [pytest.approx(0.12)]
    assert values(scrape, "serverless_functions_latency_seconds_bucket", le="0.025") == [0]
    assert values(scrape, "serverless_functions_latency_seconds_bucket", le="0.05") == [3]
    assert values(scrape, "serverless_functions_latency_seconds_bucket", le="+Inf") == [3]
    assert values(scrape, "serverless_functions_queries_sum") == [6]
    assert values(scrape, "serverless_functions_server_errors_total") == [1]
    assert values(scrape, "serverless_functions_cold_starts_total") == [1]


def test_what_a_function_has_not_counted_yet_is_0(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "web")
    for line in written("web", monkeypatch, caplog, request()):
        scrape.read(line)
    assert values(scrape, "serverless_functions_server_errors_total", function="web") == [0]
    assert values(scrape, "serverless_functions_cache_misses_total", function="web") == [0]


def test_of_several_sets_of_dimensions_the_largest_counts_once(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def write() -> None:
        put(catalogue.TASKS, {"Succeeded": Metric(value=4, unit="Count"),
                              "Duration": Metric(value=[0.5, 1.5], unit="Seconds")},
            dimensions={"Task": 'a."b"\\c\nd'}, summed=True)  # fmt: skip
        put(catalogue.TASKS, {"OldestDue": Metric(value=7, unit="Seconds")}, dimensions={"Queue": "default"})
        put(catalogue.TASKS, {"OldestDue": Metric(value=2, unit="Seconds")}, dimensions={"Queue": "default"})

    for line in written("worker", monkeypatch, caplog, write):
        scrape.read(line)
    assert values(scrape, "serverless_tasks_succeeded_total", task='a."b"\\c\nd', function="worker") == [4]
    assert values(scrape, "serverless_tasks_duration_seconds_count") == [2]
    assert values(scrape, "serverless_tasks_oldest_due_seconds", queue="default") == [2]
    assert families(scrape)["serverless_tasks_oldest_due_seconds"].type == "gauge"


def test_somebody_else_s_metric_is_shown_as_number_and_sum(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def write() -> None:
        put("Shop 24/7", {"BasketSize": Metric(value=[1, 3], unit="Count")}, dimensions={})

    for line in written("web", monkeypatch, caplog, write):
        scrape.read(line)
    assert values(scrape, "shop_24_7_basket_size_sum") == [4]


_GOOD = {"_aws": {"CloudWatchMetrics": [{"Namespace": "N", "Dimensions": [["F"]], "Metrics": [{"Name": "A"}]}]},
         "F": "web", "A": 1}  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        'somebody prints "_aws" and no more',
        '{"_aws"',
        '{"_aws": 1}',
        '{"_aws": {"CloudWatchMetrics": 5}}',
        '["_aws"]',
        json.dumps(_GOOD | {"A": "many"}),
        json.dumps(_GOOD | {"A": None}),
        json.dumps(_GOOD | {"A": float("nan")}),
        json.dumps({key: value for key, value in _GOOD.items() if key != "A"}),
        json.dumps({key: value for key, value in _GOOD.items() if key != "F"}),
        '{"_aws": ' + "[" * 100_000,
    ],
)
def test_a_line_that_only_seems_to_hold_metrics_holds_none(line: str, scrape: Scrape) -> None:
    empty = scrape.text()
    scrape.read(line)
    assert scrape.text() == empty
    scrape.read(json.dumps(_GOOD))
    assert values(scrape, "n_a_sum") == [1]


def test_a_dimension_with_a_value_a_visitor_does_not_fill_memory(scrape: Scrape) -> None:
    for number in range(MOST_SERIES + 5):
        scrape.read(json.dumps(_GOOD | {"F": f"visitor-{number}"}))
    assert len(values(scrape, "n_a_count")) == MOST_SERIES
    assert values(scrape, "serverless_scrape_dropped_total") == [5]


def test_the_log_goes_on_as_it_was(scrape: Scrape) -> None:
    said: list[str] = []
    log = scrape.listening(said.append)
    for line in ("[web] hello", f"[web] {json.dumps(_GOOD)}"):
        log(line)
    assert said == ["[web] hello", f"[web] {json.dumps(_GOOD)}"]
    assert values(scrape, "n_a_count") == [1]
