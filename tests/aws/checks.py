"""What is to be so on AWS, a function a subject. Each returns what is not so, in sentences; nothing if all is well."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from serverless import aws
from serverless.deploy.release import Stage
from serverless.deploy.release.ask import manage, manage_any
from serverless.stack import edge, home, names
from serverless.stack.home import measures, sources
from serverless.stack.names import EDGE_REGION, Function
from serverless.stack.outputs import HomeOutput

__all__ = ["alarms", "cache", "databases", "mail", "mappings", "round_trip", "subscriptions", "ticks", "versions"]

# smoke: the task has not run yet.
_NOT_YET: Final = 3


def versions(stage: Stage) -> Iterator[str]:
    """Aliases, versions and reservations are those of one release record, and of its code."""
    live = stage.live()
    record = stage.records.serving(live)
    if record is None:
        yield f"no release record has the versions that serve: {live}"
        return
    reserved: Mapping[Function, int] = {
        "web": stage.config.web_concurrency,
        "worker": stage.config.worker_concurrency,
        "migrator": 1,
    }
    for which in names.FUNCTIONS:
        name = stage.name(which)
        if (code := stage.functions.describe(name, names.ALIAS)["CodeSha256"]) != record.sha256:
            yield f"{name}:{names.ALIAS} has the code {code}, the record of {record.id} says {record.sha256}"
        if len(shared := stage.functions.aliased(name)) > 1:
            yield f"{name}: aliases send to several versions, {sorted(shared)}"
        if (found := stage.functions.reserved(name)) != reserved[which]:
            yield f"{name} has {found} environments reserved, not {reserved[which]}"


def mappings(stage: Stage) -> Iterator[str]:
    """Each queue wakes the worker's alias as the project asks."""
    config, client = stage.config, aws.client("lambda", region=stage.config.region)
    found = client.list_event_source_mappings(FunctionName=f"{stage.name('worker')}:{names.ALIAS}")
    by_queue = {each["EventSourceArn"].rpartition(":")[2]: each for each in found["EventSourceMappings"]}
    wanted = {
        "State": "Enabled",
        "BatchSize": config.worker.batch_size,
        "MaximumBatchingWindowInSeconds": config.worker.batching_window_s,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": sources.maximum_concurrency(config)},
    }
    for pair in stage.outputs[HomeOutput.TASK_QUEUES].split(","):
        queue = pair.rpartition("/")[2]
        if queue not in by_queue:
            yield f"{queue} wakes nothing"
            continue
        mapping = by_queue[queue]
        yield from (
            f"the mapping of {queue}: {key} is {mapping.get(key)}, not {value}"
            for key, value in wanted.items()
            if mapping.get(key) != value
        )


def alarms(stage: Stage) -> Iterator[str]:
    """Each alarm of the templates exists, is on, and tells somebody."""
    for region, room in ((stage.config.region, home), (EDGE_REGION, edge)):
        wanted = {
            each["Properties"]["AlarmName"]
            for each in room.template(stage.config).to_dict()["Resources"].values()
            if each["Type"] == "AWS::CloudWatch::Alarm"
        }
        pages = aws.client("cloudwatch", region=region).get_paginator("describe_alarms")
        found = {
            each["AlarmName"]: each
            for page in pages.paginate(AlarmNamePrefix=f"{stage.config.prefix}-")
            for each in page["MetricAlarms"]
        }
        yield from (f"there is no alarm {name} in {region}" for name in sorted(wanted - found.keys()))
        yield from (
            f"the alarm {name} tells nobody"
            for name in sorted(wanted & found.keys())
            if not (found[name]["ActionsEnabled"] and found[name]["AlarmActions"])
        )


def subscriptions(stage: Stage, *, topic: str, region: str) -> Iterator[str]:
    """Who is to be told has confirmed it."""
    if not stage.config.alarm_email:
        return
    found = aws.client("sns", region=region).list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if not any(each["SubscriptionArn"].startswith("arn:") for each in found):
        yield f"nobody is subscribed to {topic}: open the mail that AWS sent to {stage.config.alarm_email}, and confirm"


def mail(stage: Stage) -> Iterator[str]:
    """The domain is proven, mail of it is signed, and the account may write to anyone."""
    domain = stage.config.sends_from
    if not domain:
        return
    client = aws.client("sesv2", region=stage.config.region)
    identity = client.get_email_identity(EmailIdentity=domain)
    if not identity.get("VerifiedForSendingStatus"):
        yield f"SES does not know yet that {domain} is yours: `stack deploy` prints the records that are missing"
    if (dkim := identity.get("DkimAttributes", {}).get("Status")) != "SUCCESS":
        yield f"mail from {domain} is not signed: DKIM is {dkim}"
    if not client.get_account().get("ProductionAccessEnabled"):
        yield "the account is in SES's sandbox: mail reaches verified addresses alone"


def databases(stage: Stage) -> Iterator[str]:
    """Each function logs in to PostgreSQL as its own user, by a token and over TLS, and finds the tables."""
    for which in names.FUNCTIONS:
        variables = stage.functions.describe(stage.name(which), names.ALIAS)["Environment"]["Variables"]
        url = variables["DATABASE_URL"]
        if not (url.startswith(f"postgresql://{which}@") and "iam=true" in url):
            yield f"{which} logs in otherwise than as {which} by a token"
        said = manage_any(stage, which, names.ALIAS, "showmigrations", "--plan")
        if said.exit or "[X]" not in said.output:
            yield f"{which} does not read the database: {said.output.strip()[-300:]}"
        elif "[ ]" in said.output:
            yield f"{which} finds migrations that were not run"


def cache(stage: Stage, *, since: timedelta = timedelta(hours=3)) -> Iterator[str]:
    """Functions read from Valkey: ElastiCache counted commands.

    Errors of the cache are no errors of a page, so that a page proves nothing.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
    """
    client = aws.client("cloudwatch", region=stage.config.region)
    named = client.describe_alarms(AlarmNames=[f"{stage.config.prefix}-cache-cpu-1"])["MetricAlarms"]
    if not named:
        yield "there is no alarm of the cache that would name its node"
        return
    if not _points(client, "AWS/ElastiCache", "GetTypeCmds", named[0]["Dimensions"], since=since):
        yield f"the cache was read by nobody in {since}; metrics are some minutes late"


def ticks(stage: Stage, *, since: timedelta = timedelta(minutes=15)) -> Iterator[str]:
    """The scheduler invokes the worker every minute, and what it logs becomes metrics."""
    client = aws.client("cloudwatch", region=stage.config.region)
    for queue in stage.config.queues:
        dimensions = [{"Name": "Function", "Value": stage.name("worker")}, {"Name": "Queue", "Value": queue}]
        if not _points(client, measures.TASKS, "Due", dimensions, since=since):
            yield f"no tick has told the depth of {queue} in {since}"


def _points(client: Any, namespace: str, metric: str, dimensions: list[Any], *, since: timedelta) -> bool:
    now = datetime.now(UTC)
    found = client.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=dimensions,
        StartTime=now - since,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["SampleCount", "Sum"],
    )
    # Depths of 0 are told as well; commands that nobody gave are not.
    counted = "SampleCount" if namespace == measures.TASKS else "Sum"
    return any(point[counted] > 0 for point in found["Datapoints"])


def round_trip(stage: Stage, *, patience_s: float = 60, pause_s: float = 2) -> Iterator[str]:
    """A task goes from its row over SQS and the mapping to the worker that serves. Writes that task and its message."""
    made = json.loads(manage(stage, "migrator", names.ALIAS, "smoke", "enqueue").output.strip().rpartition("\n")[2])
    if made["paused"]:
        yield "tasks are paused: `manage.py tasks resume`"
        return
    urls = dict(pair.split("=", 1) for pair in stage.outputs[HomeOutput.TASK_QUEUES].split(","))
    queue = urls.get("default") or next(iter(urls.values()))
    aws.client("sqs", region=stage.config.region).send_message(QueueUrl=queue, MessageBody=made["message"])
    until = time.monotonic() + patience_s
    while (said := manage_any(stage, "migrator", names.ALIAS, "smoke", "finished", made["task"])).exit == _NOT_YET:
        if time.monotonic() > until:
            yield f"after {patience_s:.0f} s nobody has run the task {made['task']}"
            return
        time.sleep(pause_s)
    if said.exit:
        yield f"the task failed: {said.output.strip()}"
    elif (ran := json.loads(said.output.strip().rpartition("\n")[2])).get("version") != stage.live().get("worker"):
        yield f"the task was run by version {ran.get('version')} of the worker, which does not serve"
