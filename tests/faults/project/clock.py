"""A host whose clock is wrong: everything in this process that asks Python for the time is told a shifted one."""

import time
from types import SimpleNamespace


def shift(seconds: float) -> None:
    """Let ``time.time`` be off by ``seconds``, but not for awslambdaric: the deadline is on the host's own clock."""
    if not seconds:
        return
    import awslambdaric.lambda_context

    true = time.time
    awslambdaric.lambda_context.time = SimpleNamespace(time=true)
    time.time = lambda: true() + seconds
