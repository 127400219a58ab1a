"""One release at a time, whoever dies."""

import time
from datetime import timedelta

import pytest
from werkzeug.wrappers import Request, Response

from serverless.deploy.__main__ import main
from serverless.deploy.failures import AwsDenied
from serverless.deploy.release import Stage
from serverless.deploy.release.exceptions import LockHeld, LockLost
from serverless.deploy.release.lock import KEY, Lock
from tests.deploy.cloud import Cloud, ctrl_c, first, hang_up, refusal
from tests.deploy.conftest import PROJECT


@pytest.fixture(autouse=True)
def free(stage: Stage) -> None:
    stage.lock().break_open()


def _lock(stage: Stage, lifetime: timedelta = timedelta(minutes=20)) -> Lock:
    return Lock(stage.s3, bucket=stage.bucket, stage="test", lifetime=lifetime)


def test_who_has_it_since_when_and_until_when_is_said(stage: Stage) -> None:
    with _lock(stage).held("zappa update test"), pytest.raises(LockHeld) as refused:
        _lock(stage).acquire("another")
    assert all(words in str(refused.value) for words in ("zappa update test", "UTC", "20 min", "unlock test", "@"))


def test_it_is_let_go_of_whatever_happens(stage: Stage) -> None:
    with pytest.raises(KeyboardInterrupt), _lock(stage).held("one"):
        raise KeyboardInterrupt
    with _lock(stage).held("two") as told:
        assert told == ""


def test_an_expired_one_is_taken_over_and_its_owner_told_to_stop(stage: Stage) -> None:
    dead, heir = _lock(stage), _lock(stage, timedelta(0))
    dead.acquire("killed")
    assert "Took over the expired lock of" in heir.acquire("the heir")
    with pytest.raises(LockLost, match="Somebody else may have it"):
        dead.renew()
    dead.release()  # it is not its own any more
    heir.renew()
    heir.release()
    assert stage.lock().break_open() == ""


def test_who_holds_it_renews_it_whatever_else_it_does(stage: Stage) -> None:
    short = timedelta(seconds=4)  # S3's clock has seconds
    with _lock(stage, short).held("one long stage"):
        time.sleep(6)
        with pytest.raises(LockHeld):
            _lock(stage, short).acquire("another")


def test_ctrl_c_while_it_is_taken_leaves_none(stage: Stage, cloud: Cloud) -> None:
    with (
        cloud.failing("PUT /tiny-test-releases/lock", first(1, ctrl_c)),
        pytest.raises(KeyboardInterrupt),
        _lock(stage).held("one"),
    ):
        pass
    assert stage.lock().break_open() == ""


def test_what_was_renewed_meanwhile_is_not_taken_over(stage: Stage) -> None:
    alive = _lock(stage)
    alive.acquire("alive")
    tag = stage.s3.head_object(Bucket=stage.bucket, Key=KEY)["ETag"]
    alive.renew()
    assert stage.s3.head_object(Bucket=stage.bucket, Key=KEY)["ETag"] != tag, "who takes over names what it has read"
    alive.release()


def test_a_lost_answer_is_not_somebody_elses_lock(stage: Stage, cloud: Cloud) -> None:
    # The request arrived, and its answer did not: the client asks again, and finds the lock that it made.
    def lost(request: Request) -> Response:
        stage.s3.put_object(Bucket=stage.bucket, Key="lock", Body=request.get_data())
        return hang_up(request)

    lock = _lock(stage)
    with cloud.failing("PUT /tiny-test-releases/lock", first(1, lost)):
        assert lock.acquire("one") == ""
    lock.renew()
    lock.release()
    assert stage.lock().break_open() == ""


def test_a_bucket_that_may_not_be_written_is_no_lock(stage: Stage, cloud: Cloud) -> None:
    with cloud.failing("PUT /tiny-test-releases/lock", refusal(403, "AccessDenied")), pytest.raises(AwsDenied):
        _lock(stage).acquire("one")


def test_it_can_be_taken_away_by_hand(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    lock = _lock(stage)
    lock.acquire("a release that was killed")
    arguments = ["unlock", "test", "--pyproject", str(PROJECT / "pyproject.toml")]
    assert main(arguments) == 0
    assert "a release that was killed" in capsys.readouterr().out
    with pytest.raises(LockLost):
        lock.renew()
    assert main(arguments) == 0
    assert "Nobody holds the lock" in capsys.readouterr().out
