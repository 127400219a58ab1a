"""What a stage costs is counted in its templates, and what is free is free once."""

from dataclasses import replace

import pytest

from serverless.stack import edge, home, prices
from serverless.stack.costs import Charge, Usage, standing, total, used
from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import config


def _named(charges: list[Charge], word: str) -> list[Charge]:
    return [charge for charge in charges if word in charge.what]


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_every_alarm_of_both_regions_is_counted(profile: Profile) -> None:
    given = config(profile, domain="shop.example")
    (charge,) = _named(standing(given), "alarms")
    templates = [room.template(given).to_dict()["Resources"].values() for room in (home, edge)]
    alarms = sum(each["Type"] == "AWS::CloudWatch::Alarm" for resources in templates for each in resources)
    assert charge.usd == pytest.approx(alarms * 0.10)


def test_the_secret_that_rds_keeps_is_counted() -> None:
    (charge,) = _named(standing(config()), "secrets")
    assert charge.usd == pytest.approx(0.80)


def test_each_replica_is_another_instance_with_its_storage() -> None:
    assert not _named(standing(config()), "replica")
    for number in (1, 3):
        (charge,) = _named(standing(config(replicas=number)), "replica")
        assert charge.usd == pytest.approx(number * (0.032 * 730 + 20 * 0.115))


def test_only_standard_pays_for_a_firewall_a_proxy_and_endpoints() -> None:
    for word in ("web ACL", "Proxy", "endpoints"):
        assert _named(standing(config()), word)
        assert not _named(standing(config("frugal")), word)


def test_each_queue_is_asked_for_messages_all_the_time() -> None:
    one, three = config(), replace(config(), queues=("default", "mail", "reports"))
    (of_one,), (of_three,) = (_named(standing(each), "messages") for each in (one, three))
    assert of_three.usd == pytest.approx(3 * of_one.usd)


def test_nothing_is_used_for_nothing() -> None:
    assert total(used(config(), Usage())) == 0


def test_use_is_multiplied_with_prices() -> None:
    usage = Usage(pages=1_000_000, page_s=0.1, files=9_000_000, delivered_gb=100, stored_gb=10, mails=1_000)
    found = {charge.what: charge.usd for charge in used(config(), usage)}
    assert found["CloudFront, delivery"] == pytest.approx(8.50)
    assert found["API Gateway"] == pytest.approx(1.00)
    assert found["web ACL, requests"] == pytest.approx(6.00)
    assert found["S3, storage"] == pytest.approx(0.23)
    assert found["SES"] == pytest.approx(0.10)
    # 100,000 s of 1,024 MB, and a million invocations.
    assert found["Lambda"] == pytest.approx(1.33334 + 0.20)


def test_what_is_free_is_free_once_for_all_charges() -> None:
    half = Charge(what="half", parts=((prices.CDN_GB, 800),))
    assert total([half], free=True) == 0
    assert total([half, half], free=True) == pytest.approx(600 * 0.085)
