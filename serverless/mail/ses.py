"""SES by its API, with the standard library: botocore costs 215-300 ms of CPU, and SMTP a password that nobody rotates.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

import base64
import email.policy
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address, AddressHeader
from typing import Any, Final

from django.core.mail import EmailMessage, InvalidMailer
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.encoding import punycode

from serverless.mail.exceptions import MailFailed, MailRefused
from serverless.signed import Unreachable, call

__all__ = ["EmailBackend", "Result"]

# https://docs.aws.amazon.com/ses/latest/dg/quotas.html
MOST_RECIPIENTS: Final = 50
MOST_BYTES: Final = 40 * 1024**2
# The mail's own fault, in SES's words for it; its codes are the same for a paused account or a configuration set that
# was deleted. For every other error, the day after or a person can change it.
_REFUSED: Final = frozenset({"BadRequestException", "MessageRejected", "InvalidParameterValue"})
_FAULTS: Final = re.compile(
    r"illegal address|invalid email address|local address contains|domain (?:contains|starts|ends)|missing final"
    r"|missing required header|(?:duplicate|invalid) header|extra route-addr|message (?:length|too long)",
    re.IGNORECASE,
)
_HINTS: Final = {
    "AccessDeniedException": "Allow the role ses:SendEmail and ses:SendRawEmail on identity and configuration set.",
    "AccountSuspendedException": "AWS has to let the account send again: look for its mail, and at the SES console.",
    "MailFromDomainNotVerifiedException": "Publish the MX and SPF records of the MAIL FROM domain.",
    "NotFoundException": "Look at the name of the configuration set, and at the region.",
    "SendingPausedException": "Sending is paused, for the account or the configuration set: see its reputation.",
    "TooManyRequestsException": "More mail a second than the account may send: ask for a higher quota, or set a rate.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one message: ``id`` is SES's, which its events name, or empty beside an ``error``."""

    id: str = ""
    error: MailFailed | None = None


class EmailBackend(BaseEmailBackend):
    """Sends through the API of SES, signed with the function's role.

    OPTIONS: ``region``, SES's; ``configuration_set``, which says where bounces and complaints are told, or none.
    """

    def __init__(self, *, region: str = "", configuration_set: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not region:
            raise InvalidMailer(
                "OPTIONS has no region: name the one in which SES has your domain.", alias=kwargs.get("alias")
            )
        self.region = region
        self.configuration_set = configuration_set

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send each message, and return how many there were. Raises the first MailFailed, after all were tried."""
        results = self.deliver(email_messages)
        for result in results:
            if result.error is not None:
                raise result.error
        return len(results)

    def deliver(self, email_messages: Sequence[EmailMessage]) -> list[Result]:
        """Send each message that has a recipient, and return what became of it."""
        return [self._deliver(message) for message in email_messages if message.recipients()]

    def _deliver(self, message: EmailMessage) -> Result:
        try:
            return Result(id=self._send(message))
        except MailFailed as error:
            return Result(error=error)

    def _send(self, message: EmailMessage) -> str:
        raw = message.message(policy=email.policy.SMTP).as_bytes()
        if len(raw) > MOST_BYTES or len(message.recipients()) > MOST_RECIPIENTS:
            raise MailRefused(f"SES takes {MOST_BYTES >> 20} MB and {MOST_RECIPIENTS} recipients a mail: send a link.")
        request: dict[str, Any] = {
            "FromEmailAddress": _address(message.from_email),
            "Destination": {
                "ToAddresses": [_address(each) for each in message.to],
                "CcAddresses": [_address(each) for each in message.cc],
                "BccAddresses": [_address(each) for each in message.bcc],
            },
            "Content": {"Raw": {"Data": base64.b64encode(raw).decode()}},
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        return self._call(json.dumps(request).encode())

    def _call(self, body: bytes) -> str:
        url = f"{_endpoint(self.region)}/v2/email/outbound-emails"
        headers = {"content-type": "application/json"}
        try:
            answer = call("POST", url, service="ses", headers=headers, body=body, region=self.region, once=True)
        except Unreachable as error:
            raise MailFailed(f"{error} A function in a VPC needs a way to SES's API.") from None
        try:
            said = dict(json.loads(answer.body))
        except (ValueError, TypeError):
            said = {}
        if answer.status == 200 and isinstance(said.get("MessageId"), str):
            return str(said["MessageId"])
        raise _error(answer.status, answer.headers.get("x-amzn-errortype") or str(said.get("__type", "")), said)


def _error(status: int, kind: str, said: dict[str, Any]) -> MailFailed:
    # "MessageRejected:http://internal…", "com.amazonaws…#MessageRejected"
    kind = kind.partition(":")[0].rpartition("#")[2] or "unreadable answer"
    hint = _HINTS.get(kind, "")
    # https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
    words = str(said.get("message") or said.get("Message"))
    unverified = "not verified" in words
    if unverified:
        hint = (
            "Verify the sender's domain in this region; in the sandbox of SES each recipient has to be verified, too."
        )
    refused = kind in _REFUSED and status < 500 and not unverified and _FAULTS.search(words)
    return (MailRefused if refused else MailFailed)(f"SES answered {status} {kind}. {hint}".strip())


def _endpoint(region: str) -> str:
    given = os.environ.get("AWS_ENDPOINT_URL_SESV2") or os.environ.get("AWS_ENDPOINT_URL")
    return given or f"https://email.{region}.amazonaws.com"


def _address(text: str) -> str:
    """Return ``name@domain`` alone, the domain in ASCII. Raises MailRefused for what is not one address."""
    parsed = AddressHeader.value_parser(str(text))
    mailboxes = parsed.all_mailboxes
    # SES speaks no SMTPUTF8.
    if parsed.all_defects or len(mailboxes) != 1 or not mailboxes[0].domain or not mailboxes[0].local_part.isascii():
        raise MailRefused("One of the mail's addresses is none that SES takes: name@domain, the name in ASCII.")
    return str(Address(username=mailboxes[0].local_part, domain=punycode(mailboxes[0].domain)))
