"""The stage's own name: a certificate, and records that lead to the distribution. Without a domain there is neither.

Where no hosted zone is given, the owner makes both records by hand: the one that ACM shows until it is there, which the
stack waits for, and one that leads the domain to ``DistributionDomain``.
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from typing import Final

from troposphere import GetAtt, Ref, Template
from troposphere.certificatemanager import Certificate, DomainValidationOption
from troposphere.cloudfront import Distribution, ViewerCertificate
from troposphere.route53 import AliasTarget, RecordSetType

from serverless.stack.config import StackConfig

__all__ = ["CERTIFICATE", "add", "add_records"]

CERTIFICATE: Final = "Certificate"

# Of every distribution.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-route53-aliastarget-1.html
_CLOUDFRONT_ZONE: Final = "Z2FDTNDATAQYW2"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
_PROTOCOL: Final = "TLSv1.2_2021"


def add(template: Template, config: StackConfig) -> ViewerCertificate:
    """Add the certificate, if there is a domain, and return what the distribution shows viewers."""
    if not config.domain:
        return ViewerCertificate(CloudFrontDefaultCertificate=True)
    certificate = Certificate(CERTIFICATE, DomainName=config.domain, ValidationMethod="DNS")
    if config.hosted_zone_id:
        certificate.DomainValidationOptions = [
            DomainValidationOption(DomainName=config.domain, HostedZoneId=config.hosted_zone_id)
        ]
    template.add_resource(certificate)
    return ViewerCertificate(
        AcmCertificateArn=Ref(certificate), SslSupportMethod="sni-only", MinimumProtocolVersion=_PROTOCOL
    )


def add_records(template: Template, config: StackConfig, distribution: Distribution) -> None:
    """Add the address records of the domain, where its hosted zone is given."""
    if not config.hosted_zone_id:
        return
    for kind in ("A", "AAAA"):
        template.add_resource(
            RecordSetType(
                f"Address{kind}",
                HostedZoneId=config.hosted_zone_id,
                Name=config.domain,
                Type=kind,
                AliasTarget=AliasTarget(HostedZoneId=_CLOUDFRONT_ZONE, DNSName=GetAtt(distribution, "DomainName")),
            )
        )
