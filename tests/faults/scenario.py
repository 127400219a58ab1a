"""A test of the rig: it starts clean, and ends with the checker's verdict."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.faults.check import violations
from tests.faults.rig import MAIN, Rig

type _Test = Callable[..., Awaitable[None]]


def scenario(*, breaks: str | None = None) -> Callable[[_Test], Callable[..., None]]:
    """Run an asynchronous test that takes the rig; then no promise may be broken, or just the one that ``breaks``."""

    def decorate(test: _Test) -> Callable[..., None]:
        @functools.wraps(test)
        def run(rig: Rig, **fixtures: Any) -> None:
            rig.loop.run_until_complete(_play(test, rig, fixtures, breaks))

        return run

    return decorate


def mistake(name: str, *, breaks: str) -> Callable[[_Test], Callable[..., None]]:
    """Run a scenario twice: with the entry point, when nothing may break, and with the handler ``bugs/<name>.py``."""

    def decorate(test: _Test) -> Callable[..., None]:
        @functools.wraps(test)
        def run(rig: Rig, handler: str, **fixtures: Any) -> None:
            wrong = breaks if handler != MAIN else None
            rig.loop.run_until_complete(_play(test, rig, fixtures | {"handler": handler}, wrong))

        handlers = [pytest.param(MAIN, id="right"), pytest.param(f"tests.faults.bugs.{name}.handler", id="wrong")]
        parametrized: Callable[..., None] = pytest.mark.parametrize("handler", handlers)(run)
        return parametrized

    return decorate


async def _play(test: _Test, rig: Rig, fixtures: dict[str, Any], breaks: str | None) -> None:
    await rig.reset()
    await test(rig, **fixtures)
    found = violations(rig.verdict())
    log = "\n  ".join(rig.log[-40:])
    if breaks is None:
        assert not found, "\n  ".join(["Promises were broken:", *map(str, found), "The functions' log:", log])
    else:
        assert breaks in {violation.promise for violation in found}, f"The checker missed {breaks}: {found}\n  {log}"
