"""The benchmark of connections, small; skipped where there is no pgbouncer."""

import pytest

from benchmarks.data.pooling import Result, measure, report

OPTIONS = {"clients": 8, "servers": 2}


def test_each_client_is_answered_through_two_connections() -> None:
    results = measure(**OPTIONS, processes=2, rounds=1, seconds=0.2)
    for (one,) in results.values():
        assert one.errors == 0
        assert one.requests > 0
        assert one.cpu_ms > 0
    assert set(results) == {"direct", "pooled"}


@pytest.mark.parametrize(("pooled", "errors", "code"), [(95, 0, 0), (89, 0, 0), (200, 1, 1)])
def test_what_fails_is_a_failure_and_what_is_slow_is_said(
    pooled: float, errors: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def result(requests: float, errors: int) -> Result:
        return Result(requests=requests, median_ms=1, slow_ms=2, errors=errors, cpu_ms=1, proxy_ms=0.1)

    assert report({"direct": [result(100, 0)], "pooled": [result(pooled, errors)]}, OPTIONS) == code
    said = capsys.readouterr().out
    assert f"throughput {pooled / 100:.2f}x direct" in said
    assert f"aside: {pooled / 90:.2f}x direct" in said  # a tenth of a request's CPU is pgbouncer's
