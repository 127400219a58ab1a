from datetime import UTC, datetime, timedelta

import pytest

from serverless.tasks.schedules.due import enqueue_due
from serverless.tasks.schedules.row import ScheduleRow
from serverless.tasks.schedules.upcoming import upcoming
from tests.serverless.tasks.schedules.conftest import Declare, hourly

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_schedule_comes_with_its_next_occurrence(declare: Declare) -> None:
    declare(a=hourly(), b=hourly(), c=hourly())
    enqueue_due(reserve=10)
    ScheduleRow.objects.update(last_at=datetime(2026, 1, 1, 12, tzinfo=UTC))
    declare(a=hourly(), b=hourly(every=timedelta(seconds=1)))
    found = [(row.name, at) for row, at in upcoming(database="default")]
    assert found == [("a", datetime(2026, 1, 1, 13, tzinfo=UTC)), ("b", None), ("c", None)]
