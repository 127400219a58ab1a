"""A request is run again whenever its connection broke, a COMMIT without a reply included."""

from serverless.db.watch import Watch
from serverless.handlers.main import handler
from serverless.http import recovery


class _Careless(Watch):
    @property
    def nothing_done(self) -> bool:
        return True

    @nothing_done.setter
    def nothing_done(self, _: bool) -> None: ...


vars(recovery).update(Watch=_Careless, _SAFE=frozenset({"GET", "HEAD", "POST"}))

__all__ = ["handler"]
