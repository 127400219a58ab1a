"""Where alarms and bounced mail are told."""

from typing import Any

import pytest

from tests.serverless.stack.facts import Facts, of_home

OF_ALARMS = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.rds.amazonaws.com"]
KEY = {"Fn::GetAtt": ["TopicKey", "Arn"]}


def publishers(facts: Facts, topic: str) -> dict[str, Any]:
    document = facts.resource(f"{topic}Policy")["Properties"]["PolicyDocument"]
    first, *others = document["Statement"]
    assert (first["Effect"], first["Principal"]) == ("Deny", "*")
    assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    for statement in others:
        assert statement["Action"] == "sns:Publish"
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    return {s["Principal"]["Service"]: s["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"] for s in others}


def test_services_publish_for_this_account_alone() -> None:
    facts = of_home(domain="shop.example")
    assert publishers(facts, "AlarmTopic") == {
        "cloudwatch.amazonaws.com": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*",
        "budgets.amazonaws.com": "arn:${AWS::Partition}:budgets::${AWS::AccountId}:*",
        "events.rds.amazonaws.com": "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:*",
    }
    account = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
    assert publishers(facts, "MailTopic") == {"ses.amazonaws.com": f"{account}:configuration-set/shop-prod"}


@pytest.mark.parametrize(
    ("domain", "services"),
    [
        ("", OF_ALARMS),
        ("shop.example", [*OF_ALARMS, "ses.amazonaws.com"]),
    ],
)
def test_the_key_lets_those_publish_that_the_topics_let(domain: str, services: list[str]) -> None:
    facts = of_home(domain=domain)
    assert {topic["KmsMasterKeyId"]["Fn::GetAtt"][0] for topic in facts.all("SNS::Topic").values()} == {"TopicKey"}
    key = facts.one("KMS::Key")
    assert key["EnableKeyRotation"] is True
    account, publish = key["KeyPolicy"]["Statement"]
    assert account["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert publish["Principal"] == {"Service": services}
    assert publish["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_a_stage_without_mail_has_one_topic() -> None:
    assert of_home().all("SNS::Topic").keys() == {"AlarmTopic"}
    assert of_home().output("AlarmTopicArn") == {"Ref": "AlarmTopic"}


def test_somebody_is_told_if_somebody_is_named() -> None:
    facts = of_home(domain="shop.example", alarm_email="ops@shop.example")
    subscriptions = facts.all("SNS::Subscription").values()
    assert [one["TopicArn"] for one in subscriptions] == [{"Ref": "AlarmTopic"}, {"Ref": "MailTopic"}]
    assert {(one["Protocol"], one["Endpoint"]) for one in subscriptions} == {("email", "ops@shop.example")}
    assert not of_home(domain="shop.example").all("SNS::Subscription")
