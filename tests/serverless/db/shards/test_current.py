import asyncio
import threading

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from serverless.db import shards
from serverless.db.shards.current import working
from serverless.db.shards.middleware import ShardMiddleware


def test_work_has_one_shard() -> None:
    with working():
        assert shards.current() is None
        with pytest.raises(shards.NoShard):
            shards.alias_of_work()
        shards.settle("other")
        shards.settle("other")
        assert shards.alias_of_work() == "other"
        with pytest.raises(shards.WrongShard, match="works on 'other' already"):
            shards.settle("default")
        with shards.using("default"):  # said in so many words
            assert shards.current() == "default"
        with shards.beside("no shard"):
            assert shards.current() is None
        assert shards.current() == "other"


def test_unknown_shards_are_refused() -> None:
    with working(), pytest.raises(shards.ShardError, match=r"'x' is no shard; .* has 'default', 'other'"):
        shards.settle("x")
    with pytest.raises(shards.ShardError), shards.using("x"):
        pass


def test_outside_of_a_request_nothing_can_be_settled() -> None:
    with pytest.raises(shards.ShardError, match="ShardMiddleware"):
        shards.settle("other")


def test_threads_do_not_share_a_shard() -> None:
    seen: list[str | None] = []
    with shards.using("other"):
        thread = threading.Thread(target=lambda: seen.append(shards.current()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_request_begins_and_ends_without_a_shard() -> None:
    def view(_: HttpRequest) -> HttpResponse:
        assert shards.current() is None
        shards.settle("other")
        return HttpResponse(shards.current())

    with shards.using("default"):  # what something before it may have left
        assert ShardMiddleware(view)(RequestFactory().get("/")).content == b"other"  # type: ignore[union-attr]
        assert shards.current() == "default"


def test_body_that_is_made_while_it_is_sent_finds_the_shard() -> None:
    def view(_: HttpRequest) -> StreamingHttpResponse:
        shards.settle("other")
        return StreamingHttpResponse(str(shards.current()) for _ in range(2))

    response = ShardMiddleware(view)(RequestFactory().get("/"))
    assert isinstance(response, StreamingHttpResponse)
    assert list(response) == [b"other", b"other"]
    assert shards.current() is None


def test_asynchronous_request() -> None:
    async def view(_: HttpRequest) -> HttpResponse:
        shards.settle("other")
        await asyncio.sleep(0)
        return HttpResponse(shards.current())

    async def ask() -> bytes:
        response = await ShardMiddleware(view)(RequestFactory().get("/"))  # type: ignore[misc]
        assert shards.current() is None
        return bytes(response.content)

    assert asyncio.run(ask()) == b"other"


def test_place_is_remembered_for_a_while_and_not_for_ever(settings: Settings) -> None:
    asked = []

    class Counting(shards.KeyDirectory):
        def place(self, key: object) -> shards.Place:
            asked.append(key)
            return shards.Place(shard="other")

    counting = f"{__name__}.Counted"
    globals()["Counted"] = Counting
    for seconds, times in ((60, 1), (0, 3)):
        asked.clear()
        settings.SERVERLESS = {"SHARDS": settings.SERVERLESS["SHARDS"] | {"DIRECTORY": counting, "SECONDS": seconds}}
        for _ in range(3):
            assert shards.place_of("a").shard == "other"
        assert len(asked) == times


def test_no_more_places_are_remembered_than_fit(settings: Settings) -> None:
    from serverless.db.shards import directory

    class Anywhere(shards.KeyDirectory):
        def place(self, key: object) -> shards.Place:  # noqa: ARG002
            return shards.Place(shard="other")

    globals()["Anywhere"] = Anywhere
    there = {"DIRECTORY": f"{__name__}.Anywhere", "SECONDS": 60}
    settings.SERVERLESS = {"SHARDS": settings.SERVERLESS["SHARDS"] | there}
    for key in range(directory.REMEMBERED + 50):
        shards.place_of(key)
    assert len(directory._places) == directory.REMEMBERED
