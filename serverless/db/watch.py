"""What a request met at its databases, for whoever decides whether it may be run whole once more."""

from contextvars import ContextVar, Token
from typing import Self

__all__ = ["Watch", "current"]


class Watch:
    """Watches what is done in a ``with`` block; the connections of ``serverless.db.postgresql`` fill it in.

    Other backends leave no trace, and what they did is never repeated.
    """

    __slots__ = ("_token", "answered", "broke_at_first", "error", "nothing_done")

    def __init__(self) -> None:
        self.answered = False
        """A database has answered a statement: from then on, something may have been done."""
        self.broke_at_first = False
        """A connection broke at the first statement of all, before any database had answered one."""
        self.error: BaseException | None = None
        """What a view raised first."""
        self.nothing_done = False
        """A connection broke at the first statement, and none was answered from then until that error."""
        self._token: Token[Watch | None] | None = None

    def note(self, error: BaseException) -> None:
        """Take note of an error. What comes after the first, an error page's questions, was done by nobody's wish."""
        if self.error is None:
            self.nothing_done = self.broke_at_first and not self.answered
        self.error = error

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _current.reset(self._token)


# A ContextVar of something that changes: asgiref copies the context into the threads where synchronous code runs.
_current: ContextVar[Watch | None] = ContextVar("serverless_db_watch", default=None)


def current() -> Watch | None:
    """Return the innermost watch under way, or None where nobody watches."""
    return _current.get()
