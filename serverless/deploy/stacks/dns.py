"""The records that a person has to make where AWS does not keep the domain's zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks.watch import Event
from serverless.stack.names import EDGE_REGION

__all__ = ["Heard", "Record", "certificate_records", "certificate_watcher", "dkim_records", "mail_records", "text"]

type Heard = Callable[[Event], None]

_CERTIFICATE: Final = "AWS::CertificateManager::Certificate"
# How CloudFormation begins the reason of its event.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
_IN_EVENT: Final = "Content of DNS Record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    name: str
    kind: str
    value: str


def text(records: list[Record]) -> str:
    return "\n".join(f"  {record.name}  {record.kind}  {record.value}" for record in records)


def certificate_records(arn: str) -> list[Record]:
    """Return what proves to ACM that the domain is ours; empty for the seconds until it knows.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    with explained("Reading the certificate"):
        certificate = aws.client("acm", region=EDGE_REGION).describe_certificate(CertificateArn=arn)["Certificate"]
    found = [
        option["ResourceRecord"]
        for option in certificate.get("DomainValidationOptions", ())
        if "ResourceRecord" in option
    ]
    return [Record(name=entry["Name"], kind=entry["Type"], value=entry["Value"]) for entry in found]


def certificate_watcher(log: Callable[[str], None]) -> Heard:
    """Return a listener that tells the records of a certificate once, as soon as the stack's events name it."""
    told: set[str] = set()

    def heard(event: Event) -> None:
        arn = event.physical_id
        if event.kind != _CERTIFICATE or arn in told or not arn.startswith("arn:"):
            return
        try:
            found = certificate_records(arn)
        except AwsRefused:  # not worth the watch: the event says it, too
            found = []
        shown = text(found) or (f"  {event.reason}" if _IN_EVENT in event.reason else "")
        if shown:
            told.add(arn)
            log(
                "  The certificate waits until this record is there; make it where the domain's DNS is, and leave it: "
                f"renewals ask again.\n{shown}"
            )

    return heard


def mail_records(domain: str, *, region: str) -> list[Record]:
    """Return what lets SES sign mail of the domain (DKIM); empty once SES has found them, or without a domain.

    https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy-managing.html
    """
    if not domain:
        return []
    with explained(f"Reading the mail identity of {domain}"):
        answer = aws.client("sesv2", region=region).get_email_identity(EmailIdentity=domain)
    return dkim_records(domain, answer.get("DkimAttributes", {}))


def dkim_records(domain: str, dkim: Mapping[str, Any]) -> list[Record]:
    """Return the records that SES looks for; empty once it has found them."""
    if dkim.get("Status") == "SUCCESS":
        return []
    return [
        Record(name=f"{token}._domainkey.{domain}", kind="CNAME", value=f"{token}.dkim.amazonses.com")
        for token in dkim.get("Tokens", ())
    ]
