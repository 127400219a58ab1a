"""What passes by itself is waited for, on the way to a release and back; what is under way is not done twice."""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

from serverless.deploy.failures import AwsDenied, AwsUnreachable
from serverless.deploy.release import Release, Stage, invoking, open_stage, roll_back, smoke
from serverless.deploy.release.ask import manage_any
from serverless.deploy.release.exceptions import FunctionFailed, MigrationFailed, MigratorBusy
from serverless.stack import names
from serverless.stack.config import StackConfig
from tests.deploy.cloud import Cloud, first, hang_up, refusal
from tests.deploy.conftest import Zips, release

SLOW = """
from django.db import migrations

class Migration(migrations.Migration):
    while_serving = "it changes nothing"
    operations = [migrations.RunSQL("SELECT pg_sleep(4)", "SELECT 1")]
"""
WEB_ALIAS = "PUT .*/functions/tiny-test/aliases/live"


@pytest.fixture(scope="module")
def config(config: StackConfig) -> StackConfig:
    return replace(config, keep_releases=20)


@pytest.fixture(scope="module")
def served(cloud: Cloud, config: StackConfig, zips: Zips, static_folder: Path) -> Release:
    return release(open_stage(config, log=lambda _: None), zips("served"), static_folder)


@pytest.fixture(autouse=True)
def before(served: Release, stage: Stage) -> dict[names.Function, str]:
    """What serves when a test begins."""
    stage.lock().break_open()
    return stage.live()


type Again = Callable[..., Release]


@pytest.fixture
def again(stage: Stage, zips: Zips, static_folder: Path) -> Again:
    def run(files: dict[str, str] | None = None, *, to: Stage = stage) -> Release:
        return release(to, zips("again", files), static_folder)

    return run


def _migration(name: str) -> dict[str, str]:
    return {"tiny/migrations/__init__.py": "", f"tiny/migrations/{name}.py": SLOW}


def test_a_migration_goes_on_after_ctrl_c_and_none_begins_beside_it(
    cloud: Cloud, stage: Stage, again: Again, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(request: Request) -> None:
        if b'"migrate"' in request.get_data():
            threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()

    with cloud.failing("POST .*/tiny-test-migrator/invocations", interrupt), pytest.raises(KeyboardInterrupt):
        again(_migration("0001_slow"))
    assert any("goes on in tiny-test-migrator" in line for line in said)
    with monkeypatch.context() as patch:
        patch.setattr(invoking, "_FREE_S", 0.0)
        with pytest.raises(MigratorBusy, match="still at work"):
            manage_any(stage, "migrator", names.ALIAS, "showmigrations")
    done = again(_migration("0001_slow"))
    assert stage.live() == done.versions
    assert cloud.lambdas.most["tiny-test-migrator"] == 1


@pytest.mark.parametrize("command", ["migrate", "shards"])
def test_a_migration_whose_line_was_lost_is_asked_for(
    cloud: Cloud, stage: Stage, again: Again, said: list[str], command: str
) -> None:
    asked: list[bytes] = []

    def run_and_lose(request: Request) -> Response | None:
        if f'["{command}"'.encode() not in (body := request.get_data()) or asked:
            return None
        asked.append(body)
        version = request.args["Qualifier"]
        threading.Thread(
            target=cloud.lambdas.invoke,
            args=("tiny-test-migrator", version, body),
            kwargs={"region": stage.config.region},
        ).start()
        time.sleep(1)
        return hang_up(request)

    with cloud.failing("POST .*/tiny-test-migrator/invocations", run_and_lose):
        done = again(_migration(f"0001_lost_{command}"))
    assert asked
    assert stage.live() == done.versions
    assert any("asking what became of the migration" in line for line in said)


def test_a_migration_that_never_ran_is_none(
    cloud: Cloud, stage: Stage, again: Again, before: dict[names.Function, str]
) -> None:
    def lose(request: Request) -> Response | None:
        return hang_up(request) if b'["migrate"' in request.get_data() else None

    with (
        cloud.failing("POST .*/tiny-test-migrator/invocations", lose),
        pytest.raises(MigrationFailed, match=r"lacks tiny\.0001_never"),
    ):
        again(_migration("0001_never"))
    assert stage.live() == before


def _described(stage: Stage, name: str, **other: str) -> Callable[[Request], Response]:
    found = {key: value for key, value in stage.functions._find(name).items() if key != "ResponseMetadata"} | other  # type: ignore[union-attr]
    return lambda _: Response(json.dumps(found), mimetype="application/json")


def test_an_update_that_failed_once_is_made_again(cloud: Cloud, stage: Stage, again: Again) -> None:
    failed = _described(stage, stage.name("worker"), LastUpdateStatus="Failed", LastUpdateStatusReason="no address")
    cloud.calls.clear()

    def until_changed(request: Request) -> Response | None:
        return None if any("PUT" in call and "worker/code" in call for call in cloud.calls) else failed(request)

    with cloud.failing("GET .*/functions/tiny-test-worker/configuration", until_changed):
        done = again()
    assert stage.live() == done.versions


def test_an_update_that_fails_ends_the_release(
    cloud: Cloud, stage: Stage, again: Again, before: dict[names.Function, str]
) -> None:
    failed = _described(stage, stage.name("worker"), LastUpdateStatus="Failed", LastUpdateStatusReason="no address")
    with (
        cloud.failing("GET .*/functions/tiny-test-worker/configuration", failed),
        pytest.raises(FunctionFailed, match="no address"),
    ):
        again()
    assert stage.live() == before


def test_a_function_whose_creation_failed_is_none(cloud: Cloud, stage: Stage, served: Release) -> None:
    config = replace(served.configurations["web"], name="tiny-test-born")
    stage.functions.ensure(config, bucket=stage.bucket, key=served.zip_key, sha256=served.sha256)
    failed = _described(stage, config.name, State="Failed")
    cloud.calls.clear()
    with cloud.failing("GET .*/functions/tiny-test-born/configuration", failed):
        assert not stage.functions.there(config.name)
        stage.functions.clear(config.name)
    assert not stage.functions.there(config.name)
    with cloud.failing("GET .*/functions/tiny-test/configuration", _described(stage, "tiny-test", State="Failed")):
        stage.functions.clear("tiny-test")  # an alias names it
    assert stage.functions.there("tiny-test")


def test_a_function_that_nobody_called_for_weeks_is_waited_for(cloud: Cloud, stage: Stage, again: Again) -> None:
    asleep = first(2, refusal(502, "ResourceNotReadyException"))
    with cloud.failing("POST .*/functions/tiny-test-migrator/invocations", asleep):
        done = again()
    assert stage.live() == done.versions


def test_a_rollback_asks_before_anything_moves(
    cloud: Cloud, stage: Stage, again: Again, before: dict[names.Function, str]
) -> None:
    done = again()
    old = stage.records.serving(before)
    assert old is not None
    cloud.calls.clear()
    with (
        cloud.failing(
            rf"POST .*/tiny-test/invocations\?Qualifier={old.versions['web']}$", refusal(403, "AccessDenied")
        ),
        pytest.raises(AwsDenied),
    ):
        roll_back(stage, old.id, anyway=True)
    assert not [call for call in cloud.calls if call.startswith("PUT") and "/aliases/" in call]
    assert stage.live() == done.versions


@pytest.mark.parametrize("command", ["release", "rollback"])
def test_the_way_back_outlasts_a_lost_line(
    command: str, cloud: Cloud, stage: Stage, again: Again, said: list[str]
) -> None:
    old = stage.records.serving(stage.live())
    assert old is not None
    now = again() if command == "rollback" else None
    lost = first(5, hang_up)  # the client asks three times: the switch's, and the first of the way back
    with (
        cloud.failing(WEB_ALIAS, lost),
        cloud.failing("PUT .*-worker/aliases/live", _after(3, cloud, hang_up)),
        pytest.raises(AwsUnreachable),
    ):
        roll_back(stage, old.id, anyway=True) if now else again()
    assert stage.live() == (now.versions if now else dict(old.versions))
    assert any("again in 2 s" in line for line in said)
    assert said[-1].startswith(f"Release {now.id if now else old.id} serves as before")


def _after(number: int, cloud: Cloud, answer: Callable[[Request], Response]) -> Callable[[Request], Response | None]:
    """From when the web alias was asked for on: four times."""
    cloud.calls.clear()
    limited = first(4, answer)

    def late(request: Request) -> Response | None:
        return limited(request) if sum(bool(re.match(WEB_ALIAS, call)) for call in cloud.calls) >= number else None

    return late


def test_what_was_switched_is_verified_whoever_has_the_lock(
    cloud: Cloud, stage: Stage, again: Again, said: list[str]
) -> None:
    def unlock(_: Request) -> None:
        stage.lock().break_open()

    with cloud.failing(WEB_ALIAS, first(1, unlock)), pytest.raises(Exception, match="is this command's no more"):
        again()
    newest = stage.records.list()[0]
    assert stage.live() == newest.versions
    assert newest.served
    assert "serves and was verified" in said[-1]


def test_an_alias_that_has_not_arrived_is_asked_again(
    cloud: Cloud, stage: Stage, again: Again, before: dict[names.Function, str]
) -> None:
    old = json.dumps({"exit": 0, "output": "", "release": "old", "version": before["web"]})
    stale = first(2, lambda _: Response(old, mimetype="application/json"))
    with cloud.failing(r"POST .*/functions/tiny-test/invocations\?Qualifier=live", stale):
        done = again()
    assert stage.live() == done.versions


def test_what_serves_keeps_its_reservation_until_it_serves_no_more(
    cloud: Cloud, stage: Stage, again: Again, config: StackConfig
) -> None:
    again(to=open_stage(replace(config, web_concurrency=5), log=lambda _: None))
    cloud.calls.clear()
    again()
    order = [call for call in cloud.calls if re.match(rf"{WEB_ALIAS}|PUT .*/functions/tiny-test/concurrency", call)]
    assert [call.partition("?")[0].rpartition("/")[2] for call in order] == ["live", "concurrency"]
    assert stage.functions.reserved(stage.name("web")) == 1


def test_warming_leaves_environments_to_visitors(stage: Stage, config: StackConfig, said: list[str]) -> None:
    for concurrency, wanted in ((1, 1), (8, 2), (100, 4)):
        wide = replace(stage, config=replace(config, web_concurrency=concurrency))
        stage.functions.reserve(stage.name("web"), 8)
        smoke.warm(wide, stage.live()["web"])
        assert said[-1].startswith(f"{wanted} environments")
    stage.functions.reserve(stage.name("web"), 1)


def test_what_code_prints_stays_in_its_log(
    stage: Stage, again: Again, said: list[str], before: dict[names.Function, str]
) -> None:
    noisy = "print('4111 1111 1111 1111')\nraise RuntimeError('no page')"
    with pytest.raises(FunctionFailed, match="no page") as failed:
        again({"tiny/urls.py": noisy})
    assert "4111" not in "\n".join([str(failed.value), *said])
    assert stage.live() == before


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_silent_connection_is_probed(cloud: Cloud, stage: Stage) -> None:
    timers: list[str] = []

    def look(request: Request) -> None:
        port = f":{request.environ['REMOTE_PORT']:04X}"
        until = time.monotonic() + 5
        while not timers or (not timers[0].startswith("02") and time.monotonic() < until):
            time.sleep(0.05)  # while what was sent is not acknowledged, another timer runs
            rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            timers[:] = [row[5] for row in rows if row[1].endswith(port)]

    with cloud.failing("POST .*/tiny-test-worker/invocations", look):
        manage_any(stage, "worker", names.ALIAS, "check", "--list-tags")
    kind, _, ticks = timers[0].partition(":")
    assert kind == "02"  # keepalive: https://docs.kernel.org/networking/proc_net_tcp.html
    assert int(ticks, 16) <= 60 * 100
