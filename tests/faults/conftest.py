"""One rig for the tests of this folder, in one event loop, since a cluster and warm environments outlive a test."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.faults.rig import Rig


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    with asyncio.Runner() as runner:
        made = runner.run(_started())
        yield made
        runner.run(made.stop())


async def _started() -> Rig:
    rig = Rig()
    await rig.start()
    return rig
