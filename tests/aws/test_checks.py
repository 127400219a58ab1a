"""What is asked of AWS, tried on moto as far as that goes: right, and wrong in each way."""

import io
import json
import os
import re
import subprocess
import sys
import uuid
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from serverless import aws
from serverless.deploy.release import Record, Stage
from serverless.deploy.release.functions import Functions
from serverless.stack import edge, home, names
from serverless.stack.config import StackConfig
from serverless.stack.home import measures
from serverless.stack.names import EDGE_REGION, Function
from serverless.stack.outputs import HomeOutput, ReleasesOutput
from tests.aws import checks
from tests.aws.conftest import ROOT

pytestmark = pytest.mark.usefixtures("local")
REGION = "us-east-1"


@pytest.fixture
def config() -> StackConfig:
    return StackConfig(
        project=f"p{uuid.uuid4().hex[:12]}",
        stage="dev",
        region=REGION,
        profile="frugal",
        domain="shop.example",
        mail_domain=f"{uuid.uuid4().hex[:12]}.example",
        alarm_email="ops@shop.example",
        web_concurrency=3,
        worker_concurrency=4,
    )


@pytest.fixture
def made(config: StackConfig) -> Stage:
    """A stage with a bucket and a queue."""
    bucket, queue = f"{config.prefix}-releases", f"{config.prefix}-default"
    s3 = aws.client("s3", region=REGION)
    s3.create_bucket(Bucket=bucket)
    url = aws.client("sqs", region=REGION).create_queue(QueueName=queue)["QueueUrl"]
    outputs = {str(ReleasesOutput.BUCKET): bucket, str(HomeOutput.TASK_QUEUES): f"default={url}"}
    return Stage(config=config, outputs=outputs, functions=Functions(region=REGION), s3=s3, log=lambda _: None)


@pytest.fixture
def released(made: Stage) -> Stage:
    """With the functions of a release, its record, and the mapping."""
    versions: dict[Function, str] = {}
    client, sha256 = aws.client("lambda", region=REGION), ""
    for which in names.FUNCTIONS:
        name = made.name(which)
        sha256 = client.create_function(
            FunctionName=name, Runtime="python3.13", Role=_role(name), Handler="a.b", Code={"ZipFile": _zip()}
        )["CodeSha256"]
        versions[which] = client.publish_version(FunctionName=name)["Version"]
        made.functions.point(name, versions[which], description="")
    made.functions.reserve(made.name("web"), 3)
    made.functions.reserve(made.name("worker"), 4)
    made.functions.reserve(made.name("migrator"), 1)
    client.create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:{REGION}:123456789012:{made.config.prefix}-default",
        FunctionName=f"{made.name('worker')}:{names.ALIAS}",
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 3},
        BatchSize=10,
        MaximumBatchingWindowInSeconds=0,
    )
    made.records.write(_record(versions, sha256))
    return made


def _zip() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.py"), "")
    return body.getvalue()


def _role(name: str) -> str:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    iam = aws.client("iam", region=REGION)
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    return arn


def _record(versions: dict[Function, str], sha256: str) -> Record:
    return Record(
        id="20261123-061502-1a2b3c4",
        stage="dev",
        commit="1a2b3c4",
        dirty=False,
        who="somebody",
        when="2026-11-23T06:15:02Z",
        zip_key="zips/a.zip",
        sha256=sha256,
        versions=versions,
        configurations={},
        static=(),
        migrations=(),
    )


def test_functions_of_the_release_that_serves_leave_nothing_to_say(released: Stage) -> None:
    assert list(checks.versions(released)) == []


def test_an_alias_that_was_moved_by_hand_is_no_release(released: Stage) -> None:
    released.functions.point(released.name("web"), "$LATEST", description="")
    (problem,) = checks.versions(released)
    assert "no release record" in problem


def test_code_and_reservations_of_another_kind_are_told(released: Stage) -> None:
    released.functions.reserve(released.name("worker"), 5)
    released.records.write(_record(released.live(), "another"))
    said = "\n".join(checks.versions(released))
    assert said.count("has the code") == 3
    assert "has 5 environments reserved, not 4" in said


def test_a_queue_without_a_mapping_is_told(made: Stage) -> None:
    assert list(checks.mappings(made)) == [f"{made.config.prefix}-default wakes nothing"]


def test_a_mapping_is_compared_with_what_the_project_asks_for(released: Stage) -> None:
    assert list(checks.mappings(released)) == []
    client = aws.client("lambda", region=REGION)
    (mapping,) = client.list_event_source_mappings(FunctionName=f"{released.name('worker')}:live")[
        "EventSourceMappings"
    ]
    client.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=5)
    (problem,) = checks.mappings(released)
    assert "BatchSize is 5, not 10" in problem


def _alarms(config: StackConfig, room: Any, region: str, *, enabled: bool = True) -> None:
    client = aws.client("cloudwatch", region=region)
    for each in room.template(config).to_dict()["Resources"].values():
        if each["Type"] == "AWS::CloudWatch::Alarm":
            client.put_metric_alarm(
                AlarmName=each["Properties"]["AlarmName"],
                Namespace="N",
                MetricName="M",
                Dimensions=[{"Name": "CacheClusterId", "Value": config.prefix}],
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
                ActionsEnabled=enabled,
                AlarmActions=[f"arn:aws:sns:{region}:123456789012:alarms"],
            )


def test_alarms_that_are_missing_or_tell_nobody_are_named(made: Stage) -> None:
    config = made.config
    missing = list(checks.alarms(made))
    assert f"there is no alarm {config.prefix}-edge-5xx in {EDGE_REGION}" in missing
    assert f"there is no alarm {config.prefix}-web-errors in {REGION}" in missing
    _alarms(config, home, REGION)
    _alarms(config, edge, EDGE_REGION, enabled=False)
    silent = [f"the alarm {config.prefix}-edge-{name} tells nobody" for name in ("5xx", "certificate")]
    assert sorted(checks.alarms(made)) == silent
    _alarms(config, edge, EDGE_REGION)
    assert list(checks.alarms(made)) == []


def test_a_topic_that_nobody_confirmed_is_told(made: Stage) -> None:
    client = aws.client("sns", region=REGION)
    topic = client.create_topic(Name=made.config.prefix)["TopicArn"]
    (problem,) = checks.subscriptions(made, topic=topic, region=REGION)
    assert "ops@shop.example" in problem
    client.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@shop.example")
    assert list(checks.subscriptions(made, topic=topic, region=REGION)) == []


def test_the_cache_and_the_tick_are_known_by_their_metrics(made: Stage) -> None:
    config = made.config
    assert "no alarm of the cache" in "".join(checks.cache(made))
    _alarms(config, home, REGION)
    assert "nobody" in "".join(checks.cache(made))
    assert "no tick" in "".join(checks.ticks(made))
    _metric("AWS/ElastiCache", "GetTypeCmds", {"CacheClusterId": config.prefix}, 12)
    _metric(measures.TASKS, "Due", {"Function": made.name("worker"), "Queue": "default"}, 0)
    assert [*checks.cache(made), *checks.ticks(made)] == []


def _metric(namespace: str, name: str, dimensions: dict[str, str], value: float) -> None:
    point: dict[str, Any] = {"MetricName": name, "Timestamp": datetime.now(UTC), "Value": value}
    point["Dimensions"] = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    aws.client("cloudwatch", region=REGION).put_metric_data(Namespace=namespace, MetricData=[point])


def test_mail_of_a_stage_without_a_domain_is_nobodys_concern(made: Stage) -> None:
    alone = StackConfig(project="shop", stage="dev", region=REGION)
    stage = Stage(config=alone, outputs={}, functions=made.functions, s3=made.s3, log=made.log)
    assert list(checks.mail(stage)) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["production"], "production is protected"),
        (["production", "--protected"], "no answer from AWS"),
        (["nowhere"], "There is no [tool.serverless.stack.stages.nowhere]"),
    ],
)
def test_what_cannot_be_looked_at_ends_in_one_sentence(words: list[str], said: str) -> None:
    """Among others a protected stage, unless it is meant."""
    command = [sys.executable, "-m", "pytest", "tests/aws/test_stage.py", "--stage", *words]
    environ = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    run = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert said in run.stdout + run.stderr


def test_the_page_says_what_each_test_of_a_stage_proves() -> None:
    page = (ROOT / "docs" / "reference" / "only-on-aws.md").read_text("utf-8")
    tests = re.findall(r"^def test_(\w+)", (ROOT / "tests" / "aws" / "test_stage.py").read_text("utf-8"), re.MULTILINE)
    assert len(tests) > 10
    assert [name for name in tests if f"`{name}`" not in page] == []
