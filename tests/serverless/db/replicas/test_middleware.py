import re
import time
from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import MiddlewareNotUsed
from django.core.signing import Signer, b62_encode
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from serverless.db.replicas import choice, using_replicas
from serverless.db.replicas.middleware import COOKIE, ReadYourWrites
from serverless.tasks.models import Pause
from tests.replication import Pair
from tests.serverless.db.replicas.conftest import REPLICAS
from tests.serverless.db.replicas.requests import Viewer, add, names

pytestmark = pytest.mark.xdist_group("replicas")


def test_a_writer_reads_what_was_written_and_others_follow(pair: Pair, settings: Settings) -> None:
    """With a replay that stands still, and a replica that was found fresh right before: the worst there is."""
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"MAX_LAG": 1, "SAMPLE_SECONDS": 5}}
    writer, other = Viewer(), Viewer()
    assert other.get(names) == ([], set())
    with pair.paused():
        writer.post(add("a"))
        assert writer.get(names) == (["a"], {"pair"})
        assert other.get(names) == ([], set()), "behind, and within the bound"
    assert other.get(names) == (["a"], {"copy"})
    assert writer.get(names) == (["a"], {"pair"}), "still pinned"


def test_the_cookie_is_what_carries_it_to_other_environments(pair: Pair) -> None:
    writer = Viewer()
    writer.post(add("a"))
    elsewhere = Viewer()
    elsewhere.cookies = writer.cookies
    choice.forget()
    for alias in ("pair", "copy"):
        connections[alias].close()
    assert elsewhere.get(names)[1] == {"pair"}


def test_the_cookie_says_nothing_and_no_cache_keeps_it(pair: Pair) -> None:
    viewer = Viewer()
    viewer.post(add("a"))
    cookie = viewer.last.cookies[COOKIE]
    assert re.fullmatch(r"1:[0-9A-Za-z]+:[0-9A-Za-z_-]+", cookie.value)
    assert cookie["httponly"] is cookie["secure"] is True
    assert (cookie["samesite"], cookie["path"], cookie["domain"], cookie["max-age"]) == ("Lax", "/", "", 10)
    assert COOKIE.startswith("__Host-")
    assert viewer.last["Cache-Control"] == "private, no-store"


def test_an_answer_that_wrote_nothing_is_left_alone(pair: Pair) -> None:
    viewer = Viewer()
    viewer.post(lambda _: list(Pause.objects.all()))
    viewer.get(names)
    assert not viewer.last.cookies
    assert viewer.last["Cache-Control"] == "public, max-age=60, s-maxage=600"
    viewer.post(add("a"))
    viewer.get(names)
    assert not viewer.last.cookies, "a look does not make it last longer"


def test_a_get_that_writes_sets_it_as_well(pair: Pair) -> None:
    viewer = Viewer()
    viewer.get(add("a"))
    assert viewer.last.cookies
    assert viewer.get(names)[1] == {"pair"}


def signed(*, age: int = 0, salt: str = "serverless.db.replicas") -> str:
    """The cookie as TimestampSigner made it so many seconds ago."""
    return Signer(salt=salt).sign(f"1:{b62_encode(int(time.time()) - age)}")


@pytest.mark.parametrize(
    ("cookie", "database"),
    [
        (signed, "pair"),
        (lambda: signed(age=5), "pair"),
        (lambda: signed(age=12), "copy"),
        (lambda: signed(salt="another"), "copy"),
        (lambda: "1", "copy"),
        (lambda: "", "copy"),
        (lambda: "é:x:\x00" * 500, "copy"),
    ],
)
def test_only_our_own_and_only_for_so_long(pair: Pair, cookie: Callable[[], str], database: str) -> None:
    Viewer().post(add("a"))
    pair.catch_up()
    viewer = Viewer()
    viewer.cookies = {COOKIE: cookie()}
    assert viewer.get(names) == (["a"], {database})


def test_it_outlives_a_change_of_the_secret_key(pair: Pair, settings: Settings) -> None:
    writer = Viewer()
    writer.post(add("a"))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert writer.get(names)[1] == {"pair"}


def test_it_serves_asynchronously(pair: Pair) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            await sync_to_async(add("a"))(request)
        return HttpResponse("".join(sorted(map(str, (await sync_to_async(names)(request))[1]))))

    async def both() -> list[HttpResponse]:
        middleware = ReadYourWrites(view)
        written = await middleware(RequestFactory().post("/"))  # type: ignore[misc]
        read = RequestFactory().get("/")
        read.COOKIES[COOKIE] = written.cookies[COOKIE].value
        answers = [written, await middleware(read)]  # type: ignore[misc]
        await sync_to_async(pair.catch_up)()
        answers.append(await middleware(RequestFactory().get("/")))  # type: ignore[misc]
        await sync_to_async(connections.close_all)()
        return answers

    written, mine, others = async_to_sync(both)()
    assert (written.content, mine.content, others.content) == (b"pair", b"pair", b"copy")
    assert written["Cache-Control"] == "private, no-store"


def test_what_is_not_there_yet_is_looked_for_on_the_primary(pair: Pair, settings: Settings) -> None:
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"MAX_LAG": 1, "SAMPLE_SECONDS": 5}}
    asked: list[str | None] = []

    @using_replicas()
    def page(_: HttpRequest) -> str | None:
        asked.append("once")
        return Pause.objects.get(name="a")._state.db

    Viewer().get(names)
    with pair.paused():
        Viewer().post(add("a"))
        assert Viewer().get(page) == "pair"
    assert len(asked) == 2
    asked.clear()
    Pause.objects.all().delete()
    with pytest.raises(Pause.DoesNotExist):
        Viewer().post(page)
    assert len(asked) == 1, "it was the primary that had nothing"


def test_without_replicas_there_is_no_middleware(settings: Settings) -> None:
    settings.SERVERLESS = {}
    with pytest.raises(MiddlewareNotUsed):
        ReadYourWrites(lambda _: HttpResponse())
