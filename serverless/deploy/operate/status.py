"""How a stage stands: what serves, what waits, what alarms, who released last.

Each part is asked for by itself; one that cannot be read says why, and the others are shown all the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from serverless import aws
from serverless.deploy.exceptions import DeployError
from serverless.deploy.failures import explained
from serverless.deploy.release import Record, Stage
from serverless.stack import names
from serverless.stack.names import EDGE_REGION, Function
from serverless.stack.outputs import EdgeOutput, HomeOutput

__all__ = ["Alarm", "Queue", "Status", "status"]

_RELEASES: Final = 5
_DEAD: Final = "-dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Messages of a queue, about: SQS counts approximately.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    """

    name: str
    waiting: int
    under_way: int
    later: int
    dead: int | None
    """None where its dead-letter queue cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    name: str
    state: str
    """OK, ALARM or INSUFFICIENT_DATA."""
    why: str


@dataclass(slots=True, kw_only=True)
class Status:
    """What was found out, and under ``problems`` what could not be, by part."""

    stage: str
    site: str
    versions: Mapping[Function, str] = field(default_factory=dict)
    serving: Record | None = None
    releases: tuple[Record, ...] = ()
    queues: tuple[Queue, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether a release serves and nothing alarms."""
        return bool(self.serving) and not self.problems and not any(alarm.state == "ALARM" for alarm in self.alarms)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, each release without its lists of files."""
        table = asdict(self) | {"serving": self.serving and self.serving.id, "healthy": self.healthy}
        return table | {"releases": [_short(record) for record in self.releases]}

    def lines(self) -> Iterator[str]:
        """Yield it for a person."""
        yield f"{self.stage} at {self.site}"
        yield self._serving()
        if self.releases:
            yield "\nlast releases"
            yield from (_row(record, serving=self.serving) for record in self.releases)
        if self.queues:
            width = max(len(queue.name) for queue in self.queues)
            yield f"\n{'queue':{width}}  waiting  under way  later  dead"
            yield from (
                f"{queue.name:{width}}  {queue.waiting:7}  {queue.under_way:9}  {queue.later:5}  "
                f"{'?' if queue.dead is None else queue.dead:>4}"
                for queue in self.queues
            )
        yield from self._alarms()
        yield from (f"\n{part} could not be read: {why}" for part, why in self.problems.items())

    def _serving(self) -> str:
        versions = ", ".join(f"{which} {version}" for which, version in self.versions.items())
        if self.serving is None:
            return f"no release that is known serves ({versions or f'no alias {names.ALIAS} yet'})"
        record = self.serving
        return f"serving {record.id}, released {record.served or record.when} by {record.who} ({versions})"

    def _alarms(self) -> Iterator[str]:
        if not self.alarms:
            return
        raised = [alarm for alarm in self.alarms if alarm.state == "ALARM"]
        silent = sum(alarm.state == "INSUFFICIENT_DATA" for alarm in self.alarms)
        yield f"\nalarms: {len(raised)} raised, {len(self.alarms) - len(raised) - silent} quiet, {silent} without data"
        yield from (f"  {alarm.name}: {alarm.why}" for alarm in raised)


def status(stage: Stage) -> Status:
    """Ask AWS how the stage stands."""
    found = Status(stage=stage.config.stage, site=stage.outputs[EdgeOutput.SITE_URL])
    parts: Mapping[str, Callable[[], None]] = {
        "what serves": lambda: _serving(found, stage),
        "the queues": lambda: setattr(found, "queues", tuple(_queues(stage))),
        "the alarms": lambda: setattr(found, "alarms", tuple(_alarms(stage))),
    }
    for name, ask in parts.items():
        try:
            ask()
        except DeployError as problem:
            found.problems[name] = str(problem)
    return found


def _serving(found: Status, stage: Stage) -> None:
    found.versions = stage.live()
    records = stage.records.list()
    found.releases = tuple(records[:_RELEASES])
    found.serving = next((record for record in records if dict(record.versions) == found.versions), None)


def _queues(stage: Stage) -> Iterator[Queue]:
    client = aws.client("sqs", region=stage.config.region)
    for pair in stage.outputs[HomeOutput.TASK_QUEUES].split(","):
        name, _, url = pair.partition("=")
        waiting, under_way, later = _counts(client, url)
        try:
            dead: int | None = sum(_counts(client, f"{url}{_DEAD}"))
        except DeployError:
            dead = None
        yield Queue(name=name, waiting=waiting, under_way=under_way, later=later, dead=dead)


def _counts(client: Any, url: str) -> tuple[int, int, int]:
    asked = [f"ApproximateNumberOfMessages{what}" for what in ("", "NotVisible", "Delayed")]
    with explained(f"Reading the queue {url.rpartition('/')[2]}"):
        said = client.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
    waiting, under_way, later = (int(said[name]) for name in asked)
    return waiting, under_way, later


def _alarms(stage: Stage) -> Iterator[Alarm]:
    for region in dict.fromkeys((stage.config.region, EDGE_REGION)):
        client = aws.client("cloudwatch", region=region)
        with explained(f"Reading the alarms in {region}"):
            pages = client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{stage.config.prefix}-")
            found = [alarm for page in pages for alarm in page["MetricAlarms"]]
        for alarm in found:
            yield Alarm(name=alarm["AlarmName"], state=alarm["StateValue"], why=alarm.get("StateReason", ""))


def _row(record: Record, *, serving: Record | None) -> str:
    mark = "*" if serving is not None and record.id == serving.id else " "
    tail = f"served from {record.served}" if record.served else "never served"
    return f"{mark} {record.id}  {record.when}  {tail}  by {record.who}"


def _short(record: Record) -> dict[str, Any]:
    kept = ("id", "commit", "dirty", "who", "when", "served", "versions")
    return {name: getattr(record, name) for name in kept}
