"""The pages of docs/reference that are made from the corpus, or state the same."""

from tests.conformance import report
from tests.conformance.adapters import NAMES
from tests.conformance.cases import CATEGORIES
from tests.conformance.losses import ASGI, LOSSES, markdown

EVENTS = report.PATH.with_name("events.md")


def test_the_table_is_that_of_this_corpus() -> None:
    text = report.PATH.read_text()
    assert text.startswith(report.stamp()), "the corpus changed: run `make conformance`"
    for category in CATEGORIES:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {category} |")]
        # Ours equal gunicorn in every row; test_corpus.py holds them to it.
        assert row.split(" | ")[1:3] == ["all", "all"]
        assert len(row.split(" | ")) == len(NAMES) + 1


def test_the_losses_are_those_that_the_corpus_accepts() -> None:
    text = " ".join(EVENTS.read_text().split())
    for losses in (*LOSSES.values(), ASGI):
        assert " ".join(markdown(losses).split()) in text
