"""Records to be made by hand, against moto."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from serverless import aws
from serverless.deploy.stacks import dns
from serverless.deploy.stacks.watch import Event
from serverless.stack.names import EDGE_REGION
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import REGION, Stage


def certificate(cloud: Cloud) -> str:
    client = aws.client("acm", region=EDGE_REGION)
    return str(client.request_certificate(DomainName="shop.example", ValidationMethod="DNS")["CertificateArn"])


def heard(arn: str) -> Event:
    return Event(
        id="1",
        name="Certificate",
        kind="AWS::CertificateManager::Certificate",
        status="CREATE_IN_PROGRESS",
        reason="Resource creation Initiated",
        physical_id=arn,
    )


def test_a_certificate_shows_its_record_once(cloud: Cloud) -> None:
    said: list[str] = []
    listen = dns.certificate_watcher(said.append)
    arn = certificate(cloud)

    listen(heard(""))  # before ACM has given it a name
    listen(heard(arn))
    listen(heard(arn))

    (line,) = said
    assert "waits until this record is there" in line
    assert "shop.example.  CNAME  _" in line


def test_the_event_has_the_record_where_the_certificate_may_not_be_read(cloud: Cloud) -> None:
    said: list[str] = []
    listen = dns.certificate_watcher(said.append)
    gone = heard("arn:aws:acm:us-east-1:123456789012:certificate/0")

    listen(gone)
    assert said == []
    listen(replace(gone, reason="Content of DNS Record is: {Name: _a.shop.example.,Type: CNAME,Value: _b}"))
    assert "{Name: _a.shop.example.,Type: CNAME,Value: _b}" in said[0]


def test_mail_is_signed_once_its_records_are_there(cloud: Cloud) -> None:
    waiting = {"SigningEnabled": True, "Status": "PENDING", "Tokens": ["a1", "b2", "c3"]}

    records = dns.dkim_records("shop.example", waiting)

    assert dns.text(records[:1]) == "  a1._domainkey.shop.example  CNAME  a1.dkim.amazonses.com"
    assert len(records) == 3
    assert dns.dkim_records("shop.example", waiting | {"Status": "SUCCESS"}) == []
    assert dns.mail_records("", region=REGION) == []  # a stage that sends no mail has no identity to ask about


@pytest.fixture
def with_domain(stage: Stage) -> Callable[..., None]:
    def become(**changed: str) -> None:
        aws.client("sesv2", region=REGION).create_email_identity(EmailIdentity="shop.example")
        stage.become(domain="shop.example", **changed)

    return become


def test_a_domain_without_a_zone_is_pointed_by_hand(stage: Stage, with_domain: Callable[..., None]) -> None:
    with_domain()

    stage.deploy()

    assert "Point the domain at CloudFront" in stage.text
    assert "  shop.example  CNAME  the DistributionDomain" in stage.text


def test_a_domain_in_a_zone_needs_no_hand(stage: Stage, with_domain: Callable[..., None]) -> None:
    with_domain(hosted_zone_id="Z1")
    records = {"Type": "AWS::Route53::RecordSetGroup", "Condition": "Live"}
    stage.templates["home"]["Resources"]["MailRecords"] = records

    stage.deploy()

    assert "CNAME" not in stage.text
