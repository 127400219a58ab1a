"""Waiting for a stack, against moto."""

import json
from datetime import timedelta
from typing import Any

import pytest

from serverless.deploy.failures import Interrupted
from serverless.deploy.stacks import StackUnwatched, watch
from serverless.deploy.stacks.apply import why
from serverless.deploy.stacks.parts import Ref
from serverless.deploy.stacks.watch import Event, Result, Terminal, follow
from tests.serverless.deploy.stacks.cloud import Cloud, event
from tests.serverless.deploy.stacks.conftest import REGION, releases

NAME = "shop-dev-releases"


@pytest.fixture
def ref(cloud: Cloud) -> Ref:
    """A stack that was made once, and that nothing has happened to since."""
    found = Ref(part="releases", name=NAME, region=REGION)
    found.client.create_stack(StackName=NAME, TemplateBody=json.dumps(releases()))
    return found


def follow_from_now(ref: Ref, cloud: Cloud, terminal: Terminal, *events: tuple[Any, ...]) -> Result:
    stack = cloud.stack(NAME)
    mark = watch.last_event(ref, stack.stack_id)
    for number, (name, status, *reason) in enumerate(events):
        physical = stack.stack_id if name == NAME else name
        made = event(stack, name, "AWS::SNS::Topic", status, reason="".join(reason), physical_id=physical)
        made.timestamp += timedelta(seconds=number)
        stack.events.append(made)
    return follow(ref, stack.stack_id, after=mark, terminal=terminal)


def terminal(said: list[str]) -> Terminal:
    return Terminal(log=said.append, ask=lambda _: False, pause_s=0)


def test_what_happened_before_is_not_told_again(ref: Ref, cloud: Cloud) -> None:
    said: list[str] = []

    result = follow_from_now(
        ref,
        cloud,
        terminal(said),
        (NAME, "UPDATE_IN_PROGRESS"),
        ("Queue", "UPDATE_IN_PROGRESS"),
        ("Queue", "UPDATE_COMPLETE"),
        (NAME, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        (NAME, "UPDATE_COMPLETE"),
    )

    assert result == Result(status="UPDATE_COMPLETE", failure=None)
    assert said == ["     1 update complete  Queue (AWS::SNS::Topic)"]


def test_the_first_failure_is_the_cause(ref: Ref, cloud: Cloud) -> None:
    said: list[str] = []

    result = follow_from_now(
        ref,
        cloud,
        terminal(said),
        ("Topic", "UPDATE_FAILED", "Resource update cancelled"),
        ("Queue", "UPDATE_FAILED", "Not allowed."),
        ("Bucket", "UPDATE_FAILED", "Later"),
        (NAME, "UPDATE_ROLLBACK_COMPLETE"),
    )

    assert result.failure is not None
    assert (result.status, result.failure.name) == ("UPDATE_ROLLBACK_COMPLETE", "Queue")
    assert why(result) == "Queue (AWS::SNS::Topic) failed first: Not allowed."
    assert "     2 update failed    Queue (AWS::SNS::Topic): Not allowed." in said


def test_an_end_without_a_reason() -> None:
    assert why(Result(status="ROLLBACK_COMPLETE", failure=None)) == "it ended as ROLLBACK_COMPLETE, without a reason."


def test_a_moment_without_an_answer_is_waited_out(ref: Ref, cloud: Cloud) -> None:
    said: list[str] = []
    stack = cloud.stack(NAME)
    cloud.refuse("DescribeStackEvents", "Throttling", times=4)  # one more than the client itself tries

    result = follow(ref, stack.stack_id, after="", terminal=terminal(said))

    assert result.status == "CREATE_COMPLETE"


@pytest.mark.parametrize("code", ["ExpiredToken"])
def test_credentials_that_end_meanwhile(ref: Ref, cloud: Cloud, code: str) -> None:
    cloud.refuse("DescribeStackEvents", code)

    with pytest.raises(StackUnwatched, match=f"have expired.*CloudFormation goes on with the stack {NAME}"):
        follow(ref, cloud.stack(NAME).stack_id, after="", terminal=terminal([]))


def test_a_network_that_stays_away(ref: Ref, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stack_id = cloud.stack(NAME).stack_id
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(watch, "_UNANSWERED", 1)
    away = Ref(part="releases", name=NAME, region=REGION)

    with pytest.raises(StackUnwatched, match=r"no answer from AWS.*run the same command again"):
        follow(away, stack_id, after="", terminal=terminal([]))


def test_leaving_says_what_goes_on(ref: Ref, cloud: Cloud) -> None:
    def leave(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=f"goes on with the stack {NAME}.*describe-stacks --stack-name {NAME}"):
        follow_from_now(ref, cloud, Terminal(log=leave, ask=lambda _: False, pause_s=0), ("Q", "UPDATE_COMPLETE"))


def test_silence_is_broken(ref: Ref, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_SILENCE_S", 0.0)
    said: list[str] = []
    stack = cloud.stack(NAME)

    def log(line: str) -> None:
        said.append(line)
        stack.events.append(event(stack, NAME, "S", "UPDATE_COMPLETE", physical_id=stack.stack_id))

    follow_from_now(ref, cloud, Terminal(log=log, ask=lambda _: False, pause_s=0), ("Database", "UPDATE_IN_PROGRESS"))
    assert said == ["       still at Database (0 min)"]


def test_events_come_in_pages() -> None:
    class Pages:
        """CloudFormation's answers, newest first, two a page."""

        def describe_stack_events(self, *, StackName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: ARG002, N803
            start = int(NextToken)
            entry = {"LogicalResourceId": "Q", "ResourceType": "T", "ResourceStatus": "UPDATE_COMPLETE"}
            page = [entry | {"EventId": str(number)} for number in range(9, 0, -1)][start : start + 2]
            return {"StackEvents": page, "NextToken": str(start + 2)}

    found = watch._since(Pages(), "id", "4")

    assert [each.id for each in found] == ["5", "6", "7", "8", "9"]
    assert found[0] == Event(id="5", name="Q", kind="T", status="UPDATE_COMPLETE", reason="", physical_id="")
