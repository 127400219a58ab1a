"""A request is run again whenever its connection broke, a COMMIT without a reply included."""

from serverless.db.watch import Watch
from serverless.handlers.main import handler
from serverless.http import recovery


class _Careless(Watch):
    @property
    def broke_at_first(self) -> bool:
        return True

    @broke_at_first.setter
    def broke_at_first(self, _: bool) -> None: ...


vars(recovery).update(Watch=_Careless, _SAFE=frozenset({"GET", "HEAD", "POST"}))

__all__ = ["handler"]
