"""A cache that is killed, frozen or flushed, before real execution environments: no error, one wait, and back at once.

What Loupe makes of it, page by page and limit by limit, is in ``test_cache``.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.faults.rig import Rig
from tests.faults.scenario import scenario
from tests.valkeys import Server, servers

pytestmark = pytest.mark.xdist_group("faults")

WELL = {"page": "whole", "found": 4, "away": 0}
# What the page asks for in vain: a value and its default twice, a value that others want, four times two keys.
ASKED = 8


@asynccontextmanager
async def warm(rig: Rig) -> AsyncIterator[Server]:
    """Have an environment that has used its cache, a Valkey of its own."""
    with servers() as started:
        async with rig.employ(function="web", more={"CACHE_URL": started[0].url}):
            await page(rig)
            assert await page(rig) == WELL | {"timeouts": 0}
            yield started[0]


async def page(rig: Rig) -> dict[str, Any]:
    """Ask for it: whatever becomes of the cache, the answer is a success and says the same."""
    answer = await rig.ask("/cached")
    assert answer["statusCode"] == 200, rig.log[-5:]
    said: dict[str, Any] = json.loads(answer["body"])
    assert said["page"] == "whole"
    return said


@scenario()
async def test_killed_nobody_waits_and_the_first_request_after_it_uses_the_next(rig: Rig) -> None:
    async with warm(rig) as valkey:
        valkey.kill()
        for _ in range(3):
            said = await page(rig)
            assert said["away"] > ASKED
            assert (said["found"], said["timeouts"]) == (0, 0)
        valkey.start()
        rig.clear("a killed cache")
        assert await page(rig) == {"page": "whole", "found": 0, "away": 0, "timeouts": 0}, "asked again at once"
        assert await page(rig) == WELL | {"timeouts": 0}


@scenario()
async def test_frozen_all_requests_together_wait_once_and_the_first_after_it_does_not(rig: Rig) -> None:
    async with warm(rig) as valkey:
        valkey.freeze()
        try:
            for _ in range(3):
                said = await page(rig)
                assert said["away"] > ASKED
                assert (said["found"], said["timeouts"]) == (0, 1), "one timeout, of the first request alone"
        finally:
            valkey.awake()
        rig.clear("a frozen cache")
        assert await page(rig) == WELL | {"timeouts": 1}


@scenario()
async def test_flushed_nobody_notices(rig: Rig) -> None:
    async with warm(rig) as valkey:
        valkey.ask("FLUSHALL")
        rig.clear("a flushed cache")
        assert await page(rig) == {"page": "whole", "found": 0, "away": 0, "timeouts": 0}
        assert await page(rig) == WELL | {"timeouts": 0}
