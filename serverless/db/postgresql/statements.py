"""What becomes of each statement: noted for whoever watches, and for the connection that met an outage."""

from types import TracebackType
from typing import Any

import psycopg
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseErrorWrapper

from serverless.db import watch
from serverless.db.failures import Failure, reading

__all__ = ["Cursor", "Errors"]


class Cursor(CursorWrapper):
    """Django's cursor, which notes that there was an answer: 0.2 us a statement."""

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        result = super()._execute(sql, params, *ignored)  # type: ignore[misc] # not in the stubs
        if (under_way := watch.current()) is not None:
            under_way.answered = True
        return result

    def _executemany(self, sql: Any, param_list: Any, *ignored: Any) -> Any:
        result = super()._executemany(sql, param_list, *ignored)  # type: ignore[misc] # not in the stubs
        if (under_way := watch.current()) is not None:
            under_way.answered = True
        return result


class Errors(DatabaseErrorWrapper):
    """Django's translation of errors. A connection that met an outage is not to be kept."""

    wrapper: Any

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc_value is None:
            return
        failure = reading(exc_value)
        if failure is not None and failure.is_outage:
            self.wrapper.worn = True
            if failure is Failure.EXHAUSTED and isinstance(exc_value, psycopg.Error):
                # A pooler lets everybody connect, and has them wait with their first statement.
                self.wrapper.give_up(exc_value)
            under_way = watch.current()
            if failure is Failure.LOST and under_way is not None and not under_way.answered:
                under_way.broke_at_first = True
        super().__exit__(exc_type, exc_value, traceback)
