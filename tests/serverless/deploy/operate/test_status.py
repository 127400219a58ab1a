"""How a stage stands, read off moto."""

import argparse
import io
import json
import zipfile
from pathlib import Path

import pytest

from serverless import aws
from serverless.deploy.commands import status as command
from serverless.deploy.operate.status import Queue, status
from serverless.deploy.release import Record, open_stage
from serverless.deploy.release import Stage as Released
from serverless.stack.names import ALIAS, FUNCTIONS, Function
from serverless.stack.outputs import HomeOutput
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import REGION, Stage


@pytest.fixture
def queue(stage: Stage) -> str:
    """Give the stage a queue with its dead-letter queue; return its URL."""
    sqs = aws.client("sqs", region=REGION)
    url: str = sqs.create_queue(QueueName="shop-dev-mail")["QueueUrl"]
    sqs.create_queue(QueueName="shop-dev-mail-dead")
    stage.templates["home"]["Outputs"][HomeOutput.TASK_QUEUES]["Value"] = f"mail={url}"
    return url


@pytest.fixture
def released(stage: Stage, queue: str) -> Released:
    stage.deploy()
    return open_stage(stage.config, log=stage.said.append)


def publish(released: Released) -> dict[Function, str]:
    """Make the functions, a version of each, and the alias that names it."""
    role = aws.client("iam", region=REGION).create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions, held = aws.client("lambda", region=REGION), io.BytesIO()
    with zipfile.ZipFile(held, "w") as code:
        code.writestr("x.py", "")
    versions: dict[Function, str] = {}
    for which in FUNCTIONS:
        name = released.name(which)
        functions.create_function(
            FunctionName=name, Role=role, Runtime="python3.13", Handler="x.y", Code={"ZipFile": held.getvalue()}
        )
        versions[which] = functions.publish_version(FunctionName=name)["Version"]
        functions.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion=versions[which])
    return versions


def record(identifier: str, *, served: str, versions: dict[Function, str]) -> Record:
    return Record(
        id=identifier,
        stage="dev",
        commit="1a2b3c4",
        dirty=False,
        who="ada (user/ada)",
        when="2026-11-23T06:15:02Z",
        served=served,
        zip_key="zips/x.zip",
        sha256="x",
        versions=versions,
        configurations={},
        static=(),
        migrations=(),
    )


def test_before_the_first_release(released: Released) -> None:
    found = status(released)
    assert (found.serving, found.healthy, found.problems) == (None, False, {})
    assert "no release that is known serves (no alias live yet)" in "\n".join(found.lines())


def test_the_release_that_the_aliases_name_and_those_before_it(released: Released) -> None:
    versions = publish(released)
    before = dict.fromkeys(FUNCTIONS, "999")
    released.records.write(record("20261122-1", served="2026-11-22T06:00:00Z", versions=before))
    released.records.write(record("20261123-2", served="2026-11-23T06:16:00Z", versions=versions))
    released.records.write(record("20261123-3", served="", versions=before))
    found = status(released)
    assert found.serving is not None
    assert found.serving.id == "20261123-2"
    assert found.healthy
    text = "\n".join(found.lines())
    assert "serving 20261123-2, released 2026-11-23T06:16:00Z by ada (user/ada) (web 1, worker 1, migrator 1)" in text
    assert "* 20261123-2" in text
    assert "20261123-3  2026-11-23T06:15:02Z  never served  by ada" in text


def test_messages_that_wait_are_under_way_or_dead(released: Released, queue: str) -> None:
    sqs = aws.client("sqs", region=REGION)
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody="{}")
    sqs.receive_message(QueueUrl=queue)
    sqs.send_message(QueueUrl=f"{queue}-dead", MessageBody="{}")
    assert status(released).queues == (Queue(name="mail", waiting=2, under_way=1, later=0, dead=1),)


def test_alarms_of_this_stage_and_no_other(released: Released) -> None:
    client = aws.client("cloudwatch", region=REGION)
    for name in ("shop-dev-web-errors", "shop-dev-dead-tasks", "shop-development-web-errors"):
        client.put_metric_alarm(
            AlarmName=name, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Threshold=1,
            MetricName="Errors", Namespace="AWS/Lambda", Period=60, Statistic="Sum",
        )  # fmt: skip
        client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="quiet")
    client.set_alarm_state(AlarmName="shop-dev-dead-tasks", StateValue="ALARM", StateReason="3 tasks are dead")
    found = status(released)
    assert {alarm.name for alarm in found.alarms} == {"shop-dev-web-errors", "shop-dev-dead-tasks"}
    assert not found.healthy
    text = "\n".join(found.lines())
    assert "alarms: 1 raised, 1 quiet, 0 without data\n  shop-dev-dead-tasks: 3 tasks are dead" in text


def test_a_part_that_may_not_be_read_says_so_beside_the_others(released: Released, cloud: Cloud) -> None:
    cloud.refuse("DescribeAlarms", "AccessDenied", times=9)
    found = status(released)
    assert list(found.problems) == ["the alarms"]
    assert len(found.queues) == 1
    assert "the alarms could not be read: " in "\n".join(found.lines())


def test_the_command_prints_it_for_programs(
    released: Released, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.serverless.stack]\nproject = "shop"\nregion = "{REGION}"\n'
        '[tool.serverless.stack.stages.dev]\nprofile = "frugal"\nprotected = false\n'
    )
    monkeypatch.chdir(tmp_path)
    assert command.run(argparse.Namespace(stage="dev", json=True, pyproject=Path("pyproject.toml"))) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["stage"], said["serving"], said["healthy"]) == ("dev", None, False)
    assert [queue["name"] for queue in said["queues"]] == ["mail"]
