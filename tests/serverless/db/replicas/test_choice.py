import logging
import time
from threading import Timer

import pytest
from django.db import DatabaseError, OperationalError, connections, transaction
from django.http import HttpRequest
from pytest_django.fixtures import Settings

from serverless.db.moments import Moment
from serverless.db.replicas import choice, lag, using_replicas
from serverless.tasks.models import Pause
from tests.replication import Pair
from tests.serverless.db.replicas.conftest import REPLICAS
from tests.serverless.db.replicas.requests import Viewer, add, names

pytestmark = pytest.mark.xdist_group("replicas")


@pytest.fixture(autouse=True)
def rows(pair: Pair) -> None:
    Pause.objects.create(name="a", by="", reason="")
    pair.catch_up()


def where(names_and_databases: tuple[list[str], set[str | None]]) -> str | None:
    (alias,) = names_and_databases[1]
    return alias


BOUND = 0.2


@pytest.fixture
def strict(settings: Settings) -> None:
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"MAX_LAG": BOUND}}


def beyond_the_bound() -> None:
    time.sleep(BOUND * 1.2)


def rested() -> None:
    """Let the time pass for which a replica is left in peace."""
    choice._standings["copy"].passed = Moment(steady=time.monotonic() - REPLICAS["REST_SECONDS"])


def test_an_idle_replica_is_fresh_however_old_its_last_commit_is(pair: Pair, strict: None) -> None:
    beyond_the_bound()
    assert lag.look("copy", primary="pair", bound=BOUND) == "fresh"
    assert where(Viewer().get(names)) == "copy"


def test_a_replay_that_stands_still_is_found_once_something_is_missing(pair: Pair, strict: None) -> None:
    with pair.paused():
        beyond_the_bound()
        assert lag.look("copy", primary="pair", bound=BOUND) == "fresh", "nothing is missing"
        Viewer().post(add("b"))
        assert lag.look("copy", primary="pair", bound=BOUND) == "behind"
        assert lag.look("copy", primary="pair", bound=60) == "fresh", "not by that much"
        assert Viewer().get(names) == (["a", "b"], {"pair"})
    assert Viewer().get(names) == (["a", "b"], {"copy"})


def test_a_link_that_is_cut_is_found(pair: Pair, strict: None) -> None:
    """All that was received is replayed then: the replica itself sees nothing missing."""
    with pair.unlinked():
        Viewer().post(add("b"))
        beyond_the_bound()
        assert pair.ask("replica", "SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()")
        assert lag.look("copy", primary="pair", bound=BOUND) == "behind"
        assert Viewer().get(names) == (["a", "b"], {"pair"})
    assert Viewer().get(names) == (["a", "b"], {"copy"})


def test_a_primary_whose_connection_broke_meanwhile_is_no_fault_of_the_replica(
    pair: Pair, strict: None, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a freeze: the look finds out what any statement would, and asks on another connection."""
    Viewer().get(names)
    broken = connections["pair"].connection.info.backend_pid
    connections["pair"].close_if_unusable_or_obsolete()
    pair.ask("primary", f"SELECT pg_terminate_backend({broken}, 1000)")
    choice.forget()
    beyond_the_bound()
    assert where(Viewer().get(names)) == "copy"
    assert [record for record in caplog.records if record.name == choice.__name__] == []


def test_looks_are_rare(pair: Pair, settings: Settings) -> None:
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"MAX_LAG": BOUND, "SAMPLE_SECONDS": 5}}
    Viewer().get(names)
    with pair.paused():
        Viewer().post(add("b"))
        beyond_the_bound()
        assert where(Viewer().get(names)) == "copy", "it was looked at a moment ago"
        choice._standings["copy"].fresh = Moment(steady=time.monotonic() - 6)
        assert where(Viewer().get(names)) == "pair"
    assert where(Viewer().get(names)) == "pair", "found behind, it is not asked again for as long"


def test_a_freeze_makes_the_last_look_old(pair: Pair, settings: Settings) -> None:
    """The environment's own clock may have stood still meanwhile."""
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"MAX_LAG": BOUND, "SAMPLE_SECONDS": 5}}
    with pair.paused():
        Viewer().get(names)
        Viewer().post(add("b"))
        beyond_the_bound()
        choice._standings["copy"].fresh = Moment(wall=time.time() - 6)
        assert where(Viewer().get(names)) == "pair"


def test_a_server_that_takes_writes_is_no_replica(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Promoted, it would show for ever what was there then."""
    connections["copy"].close()
    del connections["copy"]
    copy = connections.settings["copy"]
    connections.settings["copy"] = copy | {"PORT": connections.settings["pair"]["PORT"]}
    with caplog.at_level(logging.WARNING, "serverless"):
        assert where(Viewer().get(names)) == "pair"
    assert "it is no replica" in caplog.text


@pytest.mark.pins("options")
def test_one_that_cannot_say_is_not_read(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """As Aurora's readers, where the position is NULL: played by functions of another schema that come first."""
    for name, kind, value in (
        ("pg_last_wal_replay_lsn", "pg_lsn", "NULL"),
        ("pg_last_xact_replay_timestamp", "timestamptz", "NULL"),
    ):
        pair.ask("primary", f"CREATE FUNCTION public.{name}() RETURNS {kind} LANGUAGE sql AS 'SELECT {value}::{kind}'")
    pair.catch_up()
    connections["copy"].close()
    del connections["copy"]
    options = connections.settings["copy"]["OPTIONS"] | {"options": "-c search_path=public,pg_catalog"}
    connections.settings["copy"] = connections.settings["copy"] | {"OPTIONS": options}
    with caplog.at_level(logging.WARNING, "serverless"):
        assert where(Viewer().get(names)) == "pair"
    assert "it does not say how far behind it is" in caplog.text


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_replica_that_goes_away_is_missed_by_nobody(pair: Pair, end: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its connections were open: what was sent on them is asked of the primary."""
    assert where(Viewer().get(names)) == "copy"
    choice._standings["copy"].fresh = Moment(steady=time.monotonic() + 60)  # it is not looked at, just used
    getattr(pair, end)("replica")
    try:
        with caplog.at_level(logging.WARNING, "serverless"):
            assert Viewer().get(names)[0] == ["a"]
            assert where(Viewer().get(names)) == "pair"
            assert where(Viewer().get(names)) == "pair"
    finally:
        pair.serve("replica")
    assert [record.message for record in caplog.records if "in the place of" in record.message] == [
        "The primary answers reads in the place of copy: it is away (OperationalError)."
    ], "once"
    assert where(Viewer().get(names)) == "pair", "it is left in peace for a while"
    rested()
    assert where(Viewer().get(names)) == "copy", "the first request after that is served by it"


def test_one_that_is_away_from_the_start_is_not_waited_for_twice(pair: Pair) -> None:
    pair.kill("replica")
    try:
        assert where(Viewer().get(names)) == "pair"
        connection = connections["copy"]
        assert connection.connection is None
        assert choice.choose("pair") is None
    finally:
        pair.serve("replica")


def test_a_request_in_which_it_goes_away_ends_on_the_primary(pair: Pair) -> None:
    @using_replicas()
    def view(request: HttpRequest) -> list[tuple[list[str], set[str | None]]]:
        before = names(request)
        pair.kill("replica")
        lost, after = names(request), names(request)
        return [before, lost, after]

    try:
        before, lost, after = Viewer().get(view)
    finally:
        pair.serve("replica")
    assert before == (["a"], {"copy"})
    assert lost[0] == ["a"]
    assert after == (["a"], {"pair"})


def test_a_query_that_replay_cancels_is_run_on_the_primary(pair: Pair) -> None:
    """Its rows were vacuumed away on the primary: https://www.postgresql.org/docs/18/hot-standby.html"""

    @using_replicas()
    def view(_: HttpRequest) -> tuple[int, str]:
        rows = Pause.objects.extra(select={"slept": "pg_sleep(CASE WHEN pg_is_in_recovery() THEN 20 ELSE 0 END)::text"})
        return len(rows), "copy" if connections["copy"].connection else "closed"

    pair.ask("replica", "ALTER SYSTEM SET max_standby_streaming_delay = '50ms'")
    pair.ask("replica", "SELECT pg_reload_conf()")
    try:
        timers = [
            Timer(0.3, pair.ask, ["primary", "UPDATE tasks_pause SET reason = 'b'"]),
            Timer(0.5, pair.ask, ["primary", "VACUUM FULL tasks_pause"]),
        ]
        for timer in timers:
            timer.start()
        began = time.monotonic()
        assert Viewer().get(view) == (1, "copy")
        assert time.monotonic() - began < 15
        for timer in timers:
            timer.join()
    finally:
        pair.ask("replica", "ALTER SYSTEM RESET max_standby_streaming_delay")
        pair.ask("replica", "SELECT pg_reload_conf()")


def test_what_nobody_allowed_is_not_moved(pair: Pair) -> None:
    """A write sent to the replica by name, and a transaction there that has already been read in, fail as they are."""
    with pytest.raises(DatabaseError, match="read-only"):
        Pause.objects.using("copy").update(reason="b")

    def read_twice() -> None:
        with transaction.atomic(using="copy"):
            assert Pause.objects.using("copy").count() == 1
            pid = connections["copy"].connection.info.backend_pid
            pair.ask("replica", f"SELECT pg_terminate_backend({pid}, 1000)")
            Pause.objects.using("copy").count()

    with pytest.raises(OperationalError):
        read_twice()


def test_the_primary_away_is_its_own_error(pair: Pair, settings: Settings) -> None:
    """What the replica can show meanwhile, it shows, until it cannot be known any more how far behind it is."""
    settings.SERVERLESS = {"REPLICAS": REPLICAS | {"MAX_LAG": BOUND, "SAMPLE_SECONDS": 5}}
    Viewer().get(names)
    pair.stop("primary")
    try:
        assert where(Viewer().get(names)) == "copy"
        choice.forget()
        beyond_the_bound()
        with pytest.raises(OperationalError):
            Viewer().get(names)
    finally:
        pair.serve("primary")
    pair.catch_up()
    connections["pair"].close()
    assert where(Viewer().get(names)) == "pair"
    rested()
    assert where(Viewer().get(names)) == "copy"
