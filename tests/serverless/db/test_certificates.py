import re
from pathlib import Path

import certifi
import pytest
from cryptography import x509

from serverless.db.certificates import ROOTS, region, root


@pytest.mark.parametrize(
    ("host", "where", "file"),
    [
        ("loupe.c9akciq32.eu-central-1.rds.amazonaws.com", "eu-central-1", "eu-central-1.pem"),
        ("Loupe.c9akciq32.EU-Central-1.rds.amazonaws.com", "eu-central-1", "eu-central-1.pem"),
        ("loupe.cluster-c9akciq32.us-east-1.rds.amazonaws.com", "us-east-1", "us-east-1.pem"),
        ("loupe.proxy-c9akciq32.eu-central-1.rds.amazonaws.com", "eu-central-1", "proxy.pem"),
        ("reader.endpoint.proxy-c9akciq32.ap-southeast-4.rds.amazonaws.com", "ap-southeast-4", "proxy.pem"),
        ("loupe.c9akciq32.xx-nowhere-7.rds.amazonaws.com", "xx-nowhere-7", None),
        ("db.example", None, None),
        ("loupe.c9akciq32.eu-central-1.rds.amazonaws.com.evil.example", None, None),
        ("127.0.0.1", None, None),
        ("", None, None),
    ],
)
def test_the_name_says_who_vouches_for_it(host: str, where: str | None, file: str | None) -> None:
    assert region(host) == where
    assert root(host) == (None if file is None else ROOTS / file)


def certificates(file: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(file.read_bytes())


def test_each_region_s_file_holds_its_three_authorities_and_they_are_good_for_decades() -> None:
    regions = [file for file in ROOTS.glob("*.pem") if file.stem != "proxy"]
    assert len(regions) == 27
    for file in regions:
        names = sorted(certificate.subject.rfc4514_string() for certificate in certificates(file))
        found = [re.findall(rf"CN=Amazon RDS {file.stem} Root CA (\w+) G1", name) for name in names]
        assert sorted(kind for kinds in found for kind in kinds) == ["ECC384", "RSA2048", "RSA4096"]
        for certificate in certificates(file):
            certificate.verify_directly_issued_by(certificate)
            assert certificate.not_valid_after_utc.year > 2060


def test_the_proxy_s_authorities_are_those_that_browsers_trust() -> None:
    trusted = Path(certifi.where()).read_text()
    ours = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----", (ROOTS / "proxy.pem").read_text(), re.DOTALL)
    assert len(ours) == 4
    assert all(pem in trusted for pem in ours)
