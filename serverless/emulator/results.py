"""What one invocation came to, as Lambda's Invoke API tells its caller."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Failure(StrEnum):
    """Why a function gave no answer of its own. Lambda's caller sees `Unhandled` for all but the first."""

    RAISED = "raised"
    TIMEOUT = "timeout"
    CRASH = "crash"
    INIT = "init"
    TOO_LARGE = "response too large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`payload`: the handler's JSON or, with a `failure`, Lambda's error document."""

    payload: bytes
    failure: Failure | None = None

    def json(self) -> Any:
        """The payload, decoded. Raises ValueError."""
        return json.loads(self.payload)


def failed(failure: Failure, kind: str, message: str) -> Result:
    """An error document with Lambda's own `errorType` and `errorMessage`."""
    return Result(payload=json.dumps({"errorType": kind, "errorMessage": message}).encode(), failure=failure)


class Throttled(Exception):
    """429 TooManyRequestsException: as many invocations as the function's concurrency allows are under way."""


class PayloadTooLarge(Exception):
    """413 RequestTooLargeException: the event is over 6 MB."""


class InitFailed(Exception):
    """The execution environment never asked for an event; `result` tells why."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(result.payload.decode(errors="replace"))
