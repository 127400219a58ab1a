"""Transactions of the database in which a model's rows are written, which is known only when the call is made."""

from contextlib import ContextDecorator
from types import TracebackType

from django.db import router, transaction
from django.db.models import Model

__all__ = ["atomic"]


class _Atomic(ContextDecorator):
    def __init__(self, model: type[Model], *, durable: bool) -> None:
        self._model = model
        self._durable = durable
        self._open: list[transaction.Atomic] = []

    def _recreate_cm(self) -> "_Atomic":  # what ContextDecorator asks for at each call of a decorated function
        return _Atomic(self._model, durable=self._durable)

    def __enter__(self) -> None:
        block = transaction.atomic(using=router.db_for_write(self._model), durable=self._durable)
        block.__enter__()
        self._open.append(block)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.pop().__exit__(kind, error, trace)


def atomic(model: type[Model], *, durable: bool = False) -> _Atomic:
    """Open a transaction where rows of ``model`` are written now: ``@atomic(Photo)``, ``with atomic(Photo):``.

    Django's own ``transaction.atomic`` is one of the default database wherever it does not name another.
    """
    return _Atomic(model, durable=durable)
