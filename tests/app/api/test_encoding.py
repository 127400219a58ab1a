from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from app.api.encoding import encode
from app.api.resources import Page


def test_values_are_written_as_their_schemas_say() -> None:
    moment = datetime(2026, 6, 20, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    values = (UUID(int=7), moment, moment.astimezone(UTC).replace(microsecond=5), date(2026, 6, 20), "é\u2028</", None)
    assert encode(Page(data=values, next=None)).decode() == (
        '{"data":["00000000-0000-0000-0000-000000000007","2026-06-20T12:30:00Z","2026-06-20T12:30:00.000005Z",'
        '"2026-06-20","é\u2028</",null],"next":null}'
    )


def test_a_type_without_a_form_is_named() -> None:
    with pytest.raises(TypeError, match="set"):
        encode({1})
