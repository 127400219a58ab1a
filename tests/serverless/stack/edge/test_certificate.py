"""A name of one's own."""

from tests.serverless.stack.edge.support import DOMAIN, ZONE, distribution, of_type, only, rendered

CERTIFICATE, RECORD = "AWS::CertificateManager::Certificate", "AWS::Route53::RecordSet"


def test_without_a_domain_there_is_cloudfronts() -> None:
    edge = rendered()
    assert not of_type(edge, CERTIFICATE)
    assert not of_type(edge, RECORD)
    assert distribution(edge)["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}


def test_a_domain_gets_a_certificate_that_its_owner_confirms() -> None:
    edge = rendered(domain=DOMAIN)
    certificate = only(edge, CERTIFICATE)
    assert (certificate["DomainName"], certificate["ValidationMethod"]) == (DOMAIN, "DNS")
    assert "DomainValidationOptions" not in certificate
    assert not of_type(edge, RECORD)
    assert distribution(edge)["ViewerCertificate"] == {
        "AcmCertificateArn": {"Ref": "Certificate"},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }


def test_a_zone_confirms_by_itself_and_leads_to_the_distribution() -> None:
    edge = rendered(domain=DOMAIN, hosted_zone_id=ZONE)
    (option,) = only(edge, CERTIFICATE)["DomainValidationOptions"]
    assert option == {"DomainName": DOMAIN, "HostedZoneId": ZONE}
    records = {record["Type"]: record for record in of_type(edge, RECORD).values()}
    assert set(records) == {"A", "AAAA"}
    for record in records.values():
        assert (record["Name"], record["HostedZoneId"]) == (DOMAIN, ZONE)
        assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": ["Distribution", "DomainName"]}
        assert record["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"
