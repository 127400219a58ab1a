"""The domain that mail comes from."""

from typing import Any

import pytest

from tests.serverless.stack.facts import of_home


def test_mail_is_signed_told_of_and_travels_encrypted() -> None:
    facts = of_home(domain="shop.example")
    identity, settings = facts.one("SES::EmailIdentity"), facts.one("SES::ConfigurationSet")
    assert identity["EmailIdentity"] == "shop.example"
    assert identity["DkimAttributes"] == {"SigningEnabled": True}
    assert identity["ConfigurationSetAttributes"] == {"ConfigurationSetName": {"Ref": "MailSet"}}
    assert identity["FeedbackAttributes"] == {"EmailForwardingEnabled": False}
    assert settings["Name"] == "shop-prod"
    assert settings["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert settings["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    destination = facts.one("SES::ConfigurationSetEventDestination")["EventDestination"]
    assert destination["MatchingEventTypes"] == ["BOUNCE", "COMPLAINT", "REJECT"]
    assert destination["SnsDestination"] == {"TopicARN": {"Ref": "MailTopic"}}
    assert facts.output("MailFromDomain") == "shop.example"


def test_a_stage_without_a_domain_has_nothing_of_it() -> None:
    facts = of_home()
    assert not any(each["Type"].startswith("AWS::SES::") for each in facts.document["Resources"].values())
    assert "MailFromDomain" not in facts.document["Outputs"]


@pytest.mark.parametrize(
    ("more", "made"),
    [
        ({"hosted_zone_id": "Z0123456789"}, True),
        ({"hosted_zone_id": "Z0123456789", "mail_domain": "mail.shop.example"}, True),
        ({"hosted_zone_id": "Z0123456789", "mail_domain": "other.example"}, False),
        ({"hosted_zone_id": "Z0123456789", "mail_domain": "myshop.example"}, False),
        ({}, False),
    ],
)
def test_its_records_are_made_where_the_zone_is_ours(*, more: dict[str, Any], made: bool) -> None:
    groups = of_home(domain="shop.example", **more).all("Route53::RecordSetGroup")
    assert bool(groups) is made
    for group in groups.values():
        assert group["HostedZoneId"] == "Z0123456789"
        assert group["RecordSets"] == [
            {
                "Name": {"Fn::GetAtt": ["MailIdentity", f"DkimDNSTokenName{n}"]},
                "Type": "CNAME",
                "TTL": "3600",
                "ResourceRecords": [{"Fn::GetAtt": ["MailIdentity", f"DkimDNSTokenValue{n}"]}],
            }
            for n in (1, 2, 3)
        ]
