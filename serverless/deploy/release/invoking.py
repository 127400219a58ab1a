"""Invoking a version or an alias: once, however long it takes, and with patience for a function that cannot run yet."""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import AwsBusy, AwsRefused, explained
from serverless.deploy.release.exceptions import FunctionFailed

__all__ = ["Invoker"]

# An answer may take as long as the function, and the connection to it a little longer.
_TIMEOUT_S: Final = 910
# Whatever stands between forgets a connection that is silent for longer: NAT gateways after 350 s.
# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
_PROBE_S: Final = 60
# It did not run, and soon will: the network interfaces of a function that nobody called for weeks are made anew, or it
# is being changed. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_NOT_YET: Final = frozenset(
    {
        *("ResourceNotReadyException", "ENINotReadyException", "EC2ThrottledException"),
        *("ResourceConflictException", "SnapStartNotReadyException"),
    }
)
_AWAKE_S: Final = 120.0
# Visitors, or messages, have all the environments that there may be.
_FREE_S: Final = 60.0


class Invoker:
    """Invocations in one region."""

    def __init__(self, *, region: str, pause_s: float) -> None:
        # Never twice by itself: the first call may be running a migration.
        self._lambda = aws.client(
            "lambda", region=region, read_timeout_s=_TIMEOUT_S, attempts=1, probe_after_s=_PROBE_S
        )
        self._pause_s = pause_s

    def invoke(self, name: str, qualifier: str, event: Mapping[str, Any]) -> Any:
        """Return what it answers; ask again only where it has not run.

        Raises FunctionFailed with the error's type and message where the function failed; AwsBusy, AwsRefused.
        """
        began = time.monotonic()
        while True:
            try:
                with explained(f"Invoking {name}:{qualifier}"):
                    answer = self._lambda.invoke(
                        FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event).encode()
                    )
                    body = answer["Payload"].read()
                break
            except AwsRefused as problem:
                if time.monotonic() - began + self._pause_s > _patience(problem):
                    raise
                time.sleep(self._pause_s)
        said = json.loads(body) if body else None
        if "FunctionError" in answer:
            raise FunctionFailed(f"{name}:{qualifier} failed: {_error(said)}")
        return said


def _patience(problem: AwsRefused) -> float:
    if isinstance(problem, AwsBusy):
        return _FREE_S
    return _AWAKE_S if problem.code in _NOT_YET else 0.0


def _error(said: object) -> str:
    """Its type and message. Its log is not said here: CI's is read by more people, and code prints what it likes."""
    if isinstance(said, dict) and "errorMessage" in said:
        return f"{said.get('errorType', 'Error')}: {said['errorMessage']}"
    return str(said)
