from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from serverless.db import shards
from tests.sharded import turn_on


@pytest.fixture(autouse=True)
def shards_on(settings: Settings) -> Iterator[None]:
    turn_on(settings)
    yield
    assert shards.current() is None
