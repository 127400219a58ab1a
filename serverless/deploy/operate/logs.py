"""The functions' logs, put together by time and made readable.

CloudWatch filters by words, which spares most of the reading, and every line is looked at here again.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import AwsRefused, explained
from serverless.stack.config import StackConfig
from serverless.stack.names import FUNCTIONS, Function, log_group

__all__ = ["LEVELS", "Entry", "Wanted", "follow", "read"]

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# What Lambda itself writes when a function ends badly, as text: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
_ENDS_BADLY: Final = ("Task timed out", "Runtime exited")
_PLATFORM: Final = ("START ", "END ", "REPORT ", "INIT_START", "INIT_REPORT", "RESTORE_START", "RESTORE_REPORT")
# Seconds between two looks of ``follow``. CloudWatch Logs takes 10 FilterLogEvents a second and account:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_PAUSE_S: Final = 2.0
# Lines arrive out of order, by up to some seconds: each look goes back this far.
_OVERLAP_MS: Final = 10_000
_SHOWN_FIRST: Final = frozenset({"time", "level", "logger", "message", "request_id", "trace_id", "exception", "stack"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines. ``level``: this one and what is graver. ``since_ms``: Unix time in milliseconds."""

    functions: tuple[Function, ...] = FUNCTIONS
    level: str = ""
    request_id: str = ""
    text: str = ""
    platform: bool = False
    """Lambda's own lines as well: START, END, REPORT."""
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of one function. ``at_ms``: Unix time in milliseconds."""

    at_ms: int
    id: str
    function: Function
    message: str

    def as_json(self) -> str:
        """Return the line as it was written; text becomes an object as well."""
        said = _object(self.message)
        return json.dumps({"function": self.function} | (said or {"time": _time(self.at_ms), "message": self.message}))

    def __str__(self) -> str:
        said = _object(self.message)
        if said is None:
            return f"{_time(self.at_ms)} {self.function:8} {self.message}"
        extra = " ".join(f"{key}={_short(value)}" for key, value in said.items() if key not in _SHOWN_FIRST)
        who = f"{said.get('level', ''):8} {said.get('logger', '')}: {said.get('message', '')}"
        more = [str(said[key]).rstrip() for key in ("exception", "stack") if key in said]
        request = f" [{said['request_id']}]" if "request_id" in said else ""
        return "\n".join([f"{_time(self.at_ms)} {self.function:8} {who} {extra}".rstrip() + request, *more])


def read(config: StackConfig, wanted: Wanted) -> list[Entry]:
    """Return what was logged since then, oldest first. Raises AwsRefused; a function that never logged has no lines."""
    client = aws.client("logs", region=config.region)
    found = [entry for which in wanted.functions for entry in _of_one(client, config, which, wanted)]
    return sorted((entry for entry in found if _fits(entry, wanted)), key=lambda entry: (entry.at_ms, entry.id))


def follow(
    config: StackConfig, wanted: Wanted, *, show: Callable[[Entry], None], sleep: Callable[[float], None] = time.sleep
) -> None:
    """Show what is logged from then on, until the caller is interrupted."""
    seen: dict[str, int] = {}
    since = wanted.since_ms
    while True:
        for entry in read(config, replace(wanted, since_ms=since - _OVERLAP_MS if seen else since)):
            if entry.id not in seen:
                seen[entry.id] = entry.at_ms
                since = max(since, entry.at_ms)
                show(entry)
        seen = {id_: at for id_, at in seen.items() if at >= since - 2 * _OVERLAP_MS}
        sleep(_PAUSE_S)


def _of_one(client: Any, config: StackConfig, which: Function, wanted: Wanted) -> Iterator[Entry]:
    group = log_group(config.prefix, which)
    given: dict[str, Any] = {"logGroupName": group, "startTime": wanted.since_ms}
    if pattern := _pattern(wanted):
        given["filterPattern"] = pattern
    try:
        with explained(f"Reading the log group {group}"):
            for page in client.get_paginator("filter_log_events").paginate(**given):
                for event in page["events"]:
                    yield Entry(
                        at_ms=event["timestamp"], id=event["eventId"], function=which, message=event["message"].rstrip()
                    )
    except AwsRefused as problem:
        if problem.code != "ResourceNotFoundException":
            raise


def _pattern(wanted: Wanted) -> str:
    """One word suffices to spare the reading: the rest is looked at here."""
    word = wanted.request_id or wanted.text
    return f'"{word}"' if word and '"' not in word and "\\" not in word else ""


def _fits(entry: Entry, wanted: Wanted) -> bool:
    if wanted.request_id and wanted.request_id not in entry.message:
        return False
    if wanted.text and wanted.text not in entry.message:
        return False
    said = _object(entry.message)
    if said is None and not wanted.platform and entry.message.startswith(_PLATFORM):
        return False
    return not wanted.level or _grave_enough(said, entry.message, wanted.level)


def _grave_enough(said: dict[str, Any] | None, message: str, level: str) -> bool:
    if said is None:
        return any(words in message for words in _ENDS_BADLY) or LEVELS.index(level) <= LEVELS.index("INFO")
    given = str(said.get("level", "")).upper()
    return given in LEVELS and LEVELS.index(given) >= LEVELS.index(level)


def _object(message: str) -> dict[str, Any] | None:
    try:
        said = json.loads(message)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _time(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03d}"
