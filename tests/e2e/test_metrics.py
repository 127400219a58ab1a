"""What Grafana would draw is there: every panel asks for something that a running cloud really says."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterable

import pytest
from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from serverless.catalogue import DATABASE, PINS
from serverless.emulator.prometheus import full_name
from tests.e2e import shell
from tests.e2e.cloud import ROOT, Cloud

pytestmark = pytest.mark.xdist_group("e2e")

DASHBOARD = ROOT / "docs" / "grafana" / "serverless.json"


def get(cloud: Cloud, path: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(f"{cloud.url}{path}", timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", ""


def scraped(cloud: Cloud) -> dict[str, Family]:
    status, kind, text = get(cloud, "/_local/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families: Iterable[Family], name: str, function: str) -> float:
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and sample.labels["function"] == function
    )


def test_every_panel_s_metric_is_in_a_real_scrape(cloud: Cloud) -> None:
    before = scraped(cloud)
    assert get(cloud, "/sign-in/")[0] == 200  # the edge answers for /
    assert get(cloud, "/no-such-page/")[0] == 404
    assert get(cloud, "/healthz/deep")[0] == 404  # nobody has set a secret
    shell.run(cloud, "from serverless.tasks.smoke import nothing; nothing.enqueue()")
    until = time.monotonic() + 60
    while not value(scraped(cloud).values(), "serverless_tasks_succeeded_total", "worker"):
        assert time.monotonic() < until, "the task did not run"
        time.sleep(0.2)
    after = scraped(cloud)
    said = {(sample.name, sample.labels["function"]) for family in after.values() for sample in family.samples
            if "function" in sample.labels}  # fmt: skip
    asked = {
        (found[1], found[2])
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for target in panel["targets"]
        for found in re.finditer(r'(\w+)\{function="(\w+)"\}', target["expr"])
    }
    assert asked
    # Nothing here pins a connection, so that one metric is never said; the panel is empty until something does.
    pins = full_name(DATABASE, PINS.name, unit=PINS.unit, kind=PINS.kind)
    assert not {(name, function) for name, function in said if name == pins}
    asked = {(name, function) for name, function in asked if name != pins}
    assert asked <= said, sorted(asked - said)
    for name, least in (("latency_seconds_count", 3), ("client_errors_total", 2)):
        full = f"serverless_functions_{name}"
        assert value(after.values(), full, "web") - value(before.values(), full, "web") >= least
    assert value(after.values(), "serverless_functions_cold_starts_total", "web") >= 1
    assert value(after.values(), "serverless_functions_connections_opened_total", "worker") >= 1


def test_only_reading_is_answered_beside_the_site(cloud: Cloud) -> None:
    request = urllib.request.Request(f"{cloud.url}/_local/metrics", data=b"", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value as answer:
        assert answer.code in {403, 404}
