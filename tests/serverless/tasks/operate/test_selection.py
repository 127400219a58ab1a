from datetime import timedelta
from uuid import UUID

import pytest

from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate.selection import age, in_batches, in_state
from tests.serverless.tasks.rows import row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", timedelta(seconds=90)), ("15m", timedelta(minutes=15)), ("6h", timedelta(hours=6)),
     ("30d", timedelta(days=30)), ("2w", timedelta(weeks=2)), ("0s", timedelta(0))],
)  # fmt: skip
def test_ages(text: str, length: timedelta) -> None:
    assert age(text) == length


@pytest.mark.parametrize("text", ["", "s", "5", "-5d", "1.5h", "5 d", "5D", "²d", "9" * 5000 + "d", "40000d"])
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no length|is longer"):
        age(text)


@pytest.mark.parametrize("state", State.values)
def test_a_state_is_asked_for_in_the_words_of_an_index(state: str) -> None:
    rows = {name: row(name).pk for name in State.values}
    chosen = in_state(TaskRow.objects.all(), State(state))
    assert [one.pk for one in chosen] == [rows[state]]
    assert "IS NOT NULL" in str(chosen.query)


def test_batches_give_each_row_once_though_the_work_changes_what_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serverless.tasks.operate.selection.BATCH", 2)
    ids = [row().pk for _ in range(5)]
    given: list[UUID] = []

    def work(batch: list[UUID]) -> int:
        given.extend(batch)
        return TaskRow.objects.filter(pk__in=batch[:1]).delete()[0]

    assert in_batches(TaskRow.objects.all(), work) == 3
    assert given == ids


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 99])
def test_batches_end_at_the_limit(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr("serverless.tasks.operate.selection.BATCH", 2)
    for _ in range(5):
        row()
    assert in_batches(TaskRow.objects.all(), len, limit=limit) == min(limit, 5)
