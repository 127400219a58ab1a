"""The queues: what SQS and Lambda demand of them, and what the layer rests on."""

import pytest

from serverless.stack.config import WorkerConfig
from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

DAY_S = 86_400
# What an interface endpoint is documented to answer to.
REGULAR = "sqs.eu-central-1.amazonaws.com"


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_each_name_has_a_queue_and_a_dead_letter_queue(profile: Profile) -> None:
    queues = of_home(profile, queues=("default", "big-jobs")).all("SQS::Queue")
    assert {title: queue["QueueName"] for title, queue in queues.items()} == {
        "QueueDefault": "shop-prod-default",
        "DeadLettersDefault": "shop-prod-default-dead",
        "QueueBigX2djobs": "shop-prod-big-jobs",
        "DeadLettersBigX2djobs": "shop-prod-big-jobs-dead",
    }
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())


def test_names_that_differ_in_a_hyphen_alone_are_two_queues() -> None:
    assert len(of_home(queues=("a-b", "a_b", "ab")).all("SQS::Queue")) == 6


def test_a_message_is_somebody_elses_after_six_timeouts_and_the_window() -> None:
    worker = WorkerConfig(timeout_s=300, batch_size=100, batching_window_s=20)
    queue = of_home(worker=worker).resource("QueueDefault")["Properties"]
    assert queue["VisibilityTimeout"] == 6 * 300 + 20


def test_fifty_receives_then_the_dead_letters_and_nobody_elses() -> None:
    facts = of_home()
    queue, dead = (facts.resource(name)["Properties"] for name in ("QueueDefault", "DeadLettersDefault"))
    arn = {"Fn::GetAtt": ["DeadLettersDefault", "Arn"]}
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": arn, "maxReceiveCount": 50}
    source = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:shop-prod-default"}
    assert dead["RedriveAllowPolicy"] == {"redrivePermission": "byQueue", "sourceQueueArns": [source]}


def test_a_dead_letter_which_keeps_its_age_is_there_for_days() -> None:
    facts = of_home()
    queue, dead = (facts.resource(name)["Properties"] for name in ("QueueDefault", "DeadLettersDefault"))
    assert (queue["MessageRetentionPeriod"], dead["MessageRetentionPeriod"]) == (4 * DAY_S, 14 * DAY_S)


@pytest.mark.parametrize("name", ["QueueDefault", "DeadLettersDefault"])
def test_nobody_comes_without_tls_and_nobody_else_is_named(name: str) -> None:
    policy = of_home().resource(f"{name}Policy")["Properties"]
    assert policy["Queues"] == [{"Ref": name}]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": {"Fn::GetAtt": [name, "Arn"]},
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


@pytest.mark.parametrize(("profile", "host"), [("standard", REGULAR), ("frugal", "sqs.eu-central-1.api.aws")])
def test_functions_learn_where_the_queues_are_by_a_name_that_they_reach(profile: Profile, host: str) -> None:
    assert of_home(profile, queues=("default", "mail")).output("TaskQueues") == {
        "Fn::Join": [
            ",",
            [
                {"Fn::Sub": f"default=https://{host}/${{AWS::AccountId}}/shop-prod-default"},
                {"Fn::Sub": f"mail=https://{host}/${{AWS::AccountId}}/shop-prod-mail"},
            ],
        ]
    }
