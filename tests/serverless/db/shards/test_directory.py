"""What an execution environment remembers of where keys are, and for how long."""

import time
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from serverless.db.moments import Moment
from serverless.db.shards import Place, directory, place_of

asked: list[object] = []


class Counting(directory.KeyDirectory):
    """Says where a key is, and that it was asked."""

    def place(self, key: object) -> Place:
        asked.append(key)
        return Place(shard="other")


@pytest.fixture(autouse=True)
def counting(settings: Settings) -> None:
    shards = settings.SERVERLESS["SHARDS"] | {"DIRECTORY": f"{__name__}.Counting", "SECONDS": 5}
    settings.SERVERLESS = settings.SERVERLESS | {"SHARDS": shards}
    asked.clear()


def test_an_answer_is_remembered() -> None:
    assert [place_of("a"), place_of("a")] == [Place(shard="other")] * 2
    assert asked == ["a"]


@pytest.mark.parametrize(
    "before",
    [lambda: Moment(steady=time.monotonic() - 6), lambda: Moment(wall=time.time() - 6)],
    ids=["five seconds later", "after a freeze, in which the clock of the process stood still"],
)
def test_it_is_not_remembered_for_longer(before: Callable[[], Moment]) -> None:
    place_of("a")
    directory._places["a"] = before(), Place(shard="default")
    assert place_of("a").shard == "other"
    assert asked == ["a", "a"]


def test_what_is_remembered_is_bounded() -> None:
    for number in range(directory.REMEMBERED + 1):
        place_of(number)
    place_of(1)
    assert len(asked) == directory.REMEMBERED + 1
    place_of(0)
    assert len(asked) == directory.REMEMBERED + 2
