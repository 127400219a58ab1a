"""Waiting for a stack: its events as they happen, and the first reason of a failure.

The end is told by the stack's own last event, not by its status, which may still be the old one just after a start.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Final

from serverless.deploy.failures import AwsBusy, AwsUnreachable, CredentialsInvalid, Interrupted, explained
from serverless.deploy.stacks.exceptions import StackUnwatched
from serverless.deploy.stacks.parts import Ref

__all__ = ["Event", "Result", "Terminal", "advice", "follow", "last_event", "of"]

# Calls that may fail one after the other before watching is given up: 5 minutes of them.
_UNANSWERED: Final = 60
# How long nothing may be said.
_SILENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where progress is told, and how often AWS is asked."""

    log: Callable[[str], None]
    ask: Callable[[str], bool]
    """Puts a question; whether the answer is yes."""
    pause_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    id: str
    name: str
    """The logical id; the stack's name for those of the stack itself."""
    kind: str
    status: str
    reason: str
    physical_id: str

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED")

    @property
    def cause(self) -> bool:
        """Whether this is a failure of its own, not one that another brought about."""
        return self.failed and "cancelled" not in self.reason.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    status: str
    failure: Event | None
    """The first failure, where there was one."""
    kept: tuple[Event, ...] = ()
    """What should have been deleted and was not."""


@dataclass(slots=True)
class _Progress:
    busy: dict[str, float] = field(default_factory=dict)
    done: int = 0
    unanswered: int = 0
    failure: Event | None = None
    kept: dict[str, Event] = field(default_factory=dict)
    spoken: float = field(default_factory=time.monotonic)


def of(event: Mapping[str, Any]) -> Event:
    """Read an entry of DescribeStackEvents."""
    return Event(
        id=event["EventId"],
        name=event["LogicalResourceId"],
        kind=event["ResourceType"],
        status=event["ResourceStatus"],
        reason=event.get("ResourceStatusReason") or "",
        physical_id=event.get("PhysicalResourceId") or "",
    )


def last_event(ref: Ref, stack_id: str) -> str:
    """Return the id of the newest event: those of what is begun next come after it."""
    with explained(f"Reading the events of {ref.name}"):
        return str(ref.client.describe_stack_events(StackName=stack_id)["StackEvents"][0]["EventId"])


def follow(
    ref: Ref,
    stack_id: str,
    *,
    after: str,
    terminal: Terminal,
    on_event: Callable[[Event], None] = lambda _: None,
) -> Result:
    """Log what happens to the stack after the event ``after`` until it has ended, and return how.

    Raises Interrupted and StackUnwatched, which say that CloudFormation goes on.
    """
    try:
        return _follow(ref, stack_id, after, terminal=terminal, on_event=on_event)
    except KeyboardInterrupt:
        raise Interrupted(f"Stopped watching. {advice(ref)}") from None
    except CredentialsInvalid as problem:
        raise StackUnwatched(f"{problem} {advice(ref)}") from problem


def _follow(ref: Ref, stack_id: str, newest: str, *, terminal: Terminal, on_event: Callable[[Event], None]) -> Result:
    progress, cloud = _Progress(), ref.client
    while True:
        for event in _news(cloud, ref, stack_id, newest, progress):
            newest = event.id
            if event.physical_id == stack_id and not event.status.endswith("_IN_PROGRESS"):
                kept = tuple(progress.kept.values())
                return Result(status=event.status, failure=progress.failure, kept=kept)
            _tell(event, progress, stack_id=stack_id, terminal=terminal)
            on_event(event)
        _break_silence(progress, terminal)
        time.sleep(terminal.pause_s)


def _news(cloud: Any, ref: Ref, stack_id: str, newest: str, progress: _Progress) -> list[Event]:
    """Return the events after ``newest``; none where AWS does not answer, unless that lasts."""
    try:
        with explained(f"Watching the stack {ref.name}"):
            events = _since(cloud, stack_id, newest)
    except (AwsBusy, AwsUnreachable) as problem:
        progress.unanswered += 1
        if progress.unanswered >= _UNANSWERED:
            raise StackUnwatched(f"{problem} {advice(ref)}") from problem
        return []
    progress.unanswered = 0
    return events


def advice(ref: Ref) -> str:
    """Say what goes on without us, and how to see it."""
    return (
        f"CloudFormation goes on with the stack {ref.name}, or takes back what fails. See how it stands with `aws "
        f"cloudformation describe-stacks --stack-name {ref.name} --region {ref.region}`; when it has ended, run the "
        "same command again: what is done is not done twice."
    )


def _since(cloud: Any, stack_id: str, newest: str) -> list[Event]:
    """Return the events after ``newest``, oldest first; AWS gives the newest first, a hundred at a time."""
    found: list[Event] = []
    token: dict[str, str] = {}
    while True:
        answer = cloud.describe_stack_events(StackName=stack_id, **token)
        page = [of(event) for event in answer["StackEvents"]]
        fresh = list(takewhile(lambda event: event.id != newest, page))
        found += fresh
        if len(fresh) < len(page) or not answer.get("NextToken"):
            return found[::-1]
        token = {"NextToken": answer["NextToken"]}


def _tell(event: Event, progress: _Progress, *, stack_id: str, terminal: Terminal) -> None:
    if event.cause and progress.failure is None and event.physical_id != stack_id:
        progress.failure = event
    if event.physical_id == stack_id:
        return
    if event.status.endswith("_IN_PROGRESS"):
        progress.busy.setdefault(event.name, time.monotonic())
        return
    progress.busy.pop(event.name, None)
    progress.done += 1
    if event.status == "DELETE_FAILED":
        progress.kept[event.physical_id] = event
    elif event.status == "DELETE_COMPLETE":
        progress.kept.pop(event.physical_id, None)
    reason = f": {event.reason}" if event.failed and event.reason else ""
    terminal.log(f"  {progress.done:4} {event.status.lower().replace('_', ' '):16} {event.name} ({event.kind}){reason}")
    progress.spoken = time.monotonic()


def _break_silence(progress: _Progress, terminal: Terminal) -> None:
    now = time.monotonic()
    if progress.busy and now - progress.spoken >= _SILENCE_S:
        waits = ", ".join(f"{name} ({(now - since) / 60:.0f} min)" for name, since in progress.busy.items())
        terminal.log(f"       still at {waits}")
        progress.spoken = now
