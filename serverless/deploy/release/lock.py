"""One release of a stage at a time: an object in the release bucket that only one can create.

S3 makes an object with ``If-None-Match: *`` for the first that asks, and replaces it with ``If-Match`` for who knows
what is there. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import getpass
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from serverless.deploy.exceptions import DeployError
from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.release.exceptions import LockHeld, LockLost

__all__ = ["KEY", "LIFETIME", "Lock", "owner"]

KEY: Final = "lock"
# Whoever holds it renews it four times in that while, whatever it is doing: only a machine that stands still loses it.
LIFETIME: Final = timedelta(minutes=20)
# PreconditionFailed: somebody has it. ConditionalRequestConflict: somebody takes it in this moment.
_TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


def owner() -> str:
    """Return who runs this: user and machine."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


class Lock:
    """``with lock.held("zappa update"): …``. Time is S3's own, so that no clock of a developer counts."""

    def __init__(self, s3: Any, *, bucket: str, stage: str, lifetime: timedelta = LIFETIME) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._stage = stage
        self._lifetime = lifetime
        self._etag = ""
        self._body: dict[str, str] = {}
        self._one_at_a_time = threading.Lock()

    @contextmanager
    def held(self, what: str) -> Iterator[str]:
        """Hold it for the length of the block; yield a sentence if it was taken over, else nothing. Raises LockHeld."""
        ended = threading.Event()
        beat = threading.Thread(target=self._keep, args=(ended,), daemon=True)
        try:
            told = self.acquire(what)
            beat.start()
            yield told
        except LockHeld:
            self._body.clear()  # nothing of this one's is there
            raise
        finally:
            ended.set()
            self.release()  # whatever interrupted even the taking of it

    def acquire(self, what: str) -> str:
        """Take it. Returns a sentence if an expired one was taken over. Raises LockHeld that says whose it is."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        self._body = {"owner": owner(), "what": what, "since": now, "token": secrets.token_hex(8)}
        if self._put(IfNoneMatch="*"):
            return ""
        there = self._read()
        if there is None:  # let go of in between
            if self._put(IfNoneMatch="*"):
                return ""
            raise LockHeld(
                f"Somebody else began a release of {self._stage} in this moment. Run the same command again."
            )
        held, etag, left = there
        whose = f"{held.get('owner', 'somebody')} ({held.get('what', 'a release')}, since {held.get('since', '?')})"
        if left > timedelta(0):
            minutes = max(1, round(left.total_seconds() / 60))
            raise LockHeld(
                f"{self._stage} is being released by {whose}. Wait until that has ended. If it was killed, its lock "
                f"expires in {minutes} min by itself, and the same command then goes on; sooner: "
                f"`python -m serverless.deploy unlock {self._stage}`."
            )
        if not self._put(IfMatch=etag):
            raise LockHeld(f"Somebody else took over the release of {self._stage} in this moment: wait for that one.")
        return f"Took over the expired lock of {whose}, who left it behind. What serves was not changed by that."

    def renew(self) -> None:
        """Begin its lifetime anew. Raises LockLost if it is somebody else's by now: then nothing may be moved."""
        with self._one_at_a_time:
            if self._etag and self._put(IfMatch=self._etag):
                return
            self._etag = ""
        raise LockLost(
            f"The lock of {self._stage} is this command's no more: `unlock` took it away, or this machine stood still "
            f"until it had expired. Somebody else may have it. Wait for them, then run the same command again."
        )

    def _keep(self, ended: threading.Event) -> None:
        """Renew it until ``ended``. One that is lost is told to who asks next; one that AWS did not hear of, again."""
        while not ended.wait(self._lifetime.total_seconds() / 4):
            with suppress(DeployError):
                self.renew()

    def release(self) -> None:
        """Let go of it, if it is still this one's. A lock that cannot be let go of expires."""
        with self._one_at_a_time:
            token = self._body.pop("token", None)
            self._etag = ""  # whatever renews it now comes too late
        if token is None:
            return
        with explained(f"Letting go of the lock of {self._stage} (which expires by itself)"):
            there = self._read()
            if there is not None and there[0].get("token") == token:
                self._s3.delete_object(Bucket=self._bucket, Key=KEY)

    def break_open(self) -> str:
        """Take the lock away from whoever has it. Returns whose it was; empty if nobody had it."""
        there = self._read()
        if there is None:
            return ""
        with explained("Taking the lock away"):
            self._s3.delete_object(Bucket=self._bucket, Key=KEY)
        return f"{there[0].get('owner', 'somebody')} ({there[0].get('what', '?')}, since {there[0].get('since', '?')})"

    def _put(self, **condition: str) -> bool:
        # Without it a renewal would be the same bytes, and so the same ETag: who takes over could not tell.
        self._body["written"] = secrets.token_hex(8)
        try:
            with explained("Taking the release lock"):
                answer = self._s3.put_object(
                    Bucket=self._bucket, Key=KEY, Body=json.dumps(self._body).encode(), **condition
                )
        except AwsRefused as problem:
            if problem.code in _TAKEN | {"NoSuchKey"}:
                return self._is_ours_already()
            raise
        self._etag = answer["ETag"]
        return True

    def _is_ours_already(self) -> bool:
        """Whether the object is the one just sent: its answer may have been lost, and the client asked again."""
        there = self._read()
        if there is None or there[0].get("token") != self._body["token"]:
            return False
        self._etag = there[1]
        return True

    def _read(self) -> tuple[dict[str, str], str, timedelta] | None:
        """What it says, its ETag, and how long it still holds."""
        try:
            with explained("Reading the release lock"):
                answer = self._s3.get_object(Bucket=self._bucket, Key=KEY)
                body = answer["Body"].read()
        except AwsRefused as problem:
            if problem.code == "NoSuchKey":
                return None
            raise
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        left = answer["LastModified"] + self._lifetime - now
        return (said if isinstance(said, dict) else {}), answer["ETag"], left
