"""Our adapter against gunicorn, both interfaces, every case and every shape."""

from collections import Counter

import pytest

from tests.conformance import report
from tests.conformance.cases import cases


@pytest.mark.parametrize("adapter", ["serverless", "serverless-asgi"])
def test_every_answer_equals_gunicorn_s(adapter: str) -> None:
    results = report.results(adapter)
    assert len(results) > len(cases()) * 8
    differing = [result for result in results if result["differences"]]
    assert not differing, differing[:5]


def test_the_corpus_finds_faults() -> None:
    """An adapter that decodes paths twice, answers HEAD with a body and drops the lock on underscores is caught."""
    found = Counter(result["category"] for result in report.results("apig-wsgi") if result["differences"])
    assert {"path: escaped again", "answers to HEAD", "headers", "cookies set", "bodies: none"} <= set(found)


def test_the_cases_have_names_of_their_own() -> None:
    names = Counter((case.category, case.name) for case in cases())
    assert [name for name, count in names.items() if count > 1] == []
    assert len(cases()) > 500
