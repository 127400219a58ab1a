"""SES as moto has it, and a server in its place that keeps every byte and fails on demand."""

import base64
import email.policy
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from django.core.mail import EmailMultiAlternatives, InvalidMailer, mailers
from pytest_django.fixtures import Settings

from serverless import signed
from serverless.credentials import MissingCredentials
from serverless.mail import MailFailed, MailRefused
from serverless.mail.ses import EmailBackend

REGION = "eu-central-1"


@dataclass
class StandIn:
    """Takes what SES would, and answers ``answers`` first: a status, an error type, a body."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[int, str, bytes]] = field(default_factory=list)
    hang_up: bool = False


@pytest.fixture
def ses(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if state.hang_up:  # having taken it
                self.close_connection = True
                return
            given = f'{{"MessageId": "0107-{len(state.requests)}"}}'.encode()
            status, kind, said = state.answers.pop(0) if state.answers else (200, "", given)
            self.send_response(status)
            if kind:
                self.send_header("x-amzn-ErrorType", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name in the base class

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", state.url)
    choose(settings, configuration_set="loupe-test")
    yield state
    assert state.url not in signed._kept
    server.shutdown()
    server.server_close()
    thread.join()


def choose(settings: Settings, **options: str) -> None:
    backend = "serverless.mail.ses.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"region": REGION} | options}}


def mail(**changes: Any) -> EmailMultiAlternatives:
    given = {"subject": "Bücher", "body": "Ein Gruß\n.\nFrom here\n", "from_email": "Loupe <no-reply@loupe.example>"}
    made = EmailMultiAlternatives(**(given | {"to": ["Ada <ada@example.test>"]} | changes))
    made.attach_alternative("<p>Ein Gruß</p>", "text/html")
    return made


def sent(ses: StandIn) -> dict[str, Any]:
    return ses.requests[-1][2]


def test_ses_is_given_every_byte_that_a_mail_server_would_be(ses: StandIn) -> None:
    message = mail(cc=["b@example.test"], bcc=["secret@bücher.example"], headers={"Message-ID": "<1@loupe.example>"})
    whole = message.message(policy=email.policy.SMTP)
    whole.set_boundary("==fixed==")
    message.message = lambda **_: whole  # type: ignore[method-assign] # boundaries are made at random
    assert message.send() == 1
    path, headers, body = ses.requests[0]
    assert path == "/v2/email/outbound-emails"
    assert f"/{REGION}/ses/aws4_request" in headers["authorization"]
    raw = base64.b64decode(body["Content"].pop("Raw")["Data"], validate=True)
    assert raw == whole.as_bytes()
    assert b"secret" not in raw
    assert body == {
        "FromEmailAddress": "no-reply@loupe.example",
        "Destination": {
            "ToAddresses": ["ada@example.test"],
            "CcAddresses": ["b@example.test"],
            "BccAddresses": ["secret@xn--bcher-kva.example"],
        },
        "Content": {},
        "ConfigurationSetName": "loupe-test",
    }


def test_each_message_has_its_own_result_and_one_that_fails_holds_up_none(ses: StandIn) -> None:
    ses.answers = [(200, "", b'{"MessageId": "a"}'), (429, "TooManyRequestsException", b"{}")]
    backend = mailers["default"]
    assert isinstance(backend, EmailBackend)
    first, second, third = backend.deliver([mail(), mail(), mail(to=[]), mail()])
    assert (first.id, second.id, third.id) == ("a", "", "0107-3")
    assert str(second.error).startswith("SES answered 429 TooManyRequestsException. More mail a second")
    ses.answers = [(429, "TooManyRequestsException", b"{}")]
    with pytest.raises(MailFailed, match="429"):
        backend.send_messages([mail(), mail()])
    assert len(ses.requests) == 5
    assert backend.send_messages([mail(to=[]), mail()]) == 1
    assert backend.send_messages([]) == 0


@pytest.mark.parametrize(
    ("status", "kind", "body", "error", "words"),
    [
        (400, "MessageRejected:http://x/", b'{"message": "Illegal address: ada@"}', MailRefused, "MessageRejected."),
        (400, "BadRequestException", b'{"message": "Invalid email address ada@."}', MailRefused, "BadRequest"),
        (400, "BadRequestException", b'{"message": "Duplicate header \'From\'."}', MailRefused, "BadRequestException."),
        (400, "MessageRejected", b'{"message": "Sending paused for this account."}', MailFailed, "MessageRejected"),
        (400, "BadRequestException", b'{"message": "Configuration set x does not exist"}', MailFailed, "BadRequest"),
        (400, "MessageRejected", b'{"message": "not verified: local address contains@x.test"}', MailFailed, "sandbox"),
        (400, "MessageRejected", b'{"message": "Address is not verified: ada@example.test"}', MailFailed, "sandbox"),
        (400, "", b'{"__type": "com.amazonaws.ses#SendingPausedException"}', MailFailed, "paused"),
        (400, "AccountSuspendedException", b"{}", MailFailed, "let the account send again"),
        (404, "NotFoundException", b"{}", MailFailed, "configuration set"),
        (403, "AccessDeniedException", b"{}", MailFailed, "ses:SendRawEmail"),
        (500, "BadRequestException", b"{}", MailFailed, "SES answered 500"),
        (503, "", b"<html>ada@example.test</html>", MailFailed, "503 unreadable answer"),
        (200, "", b"[]", MailFailed, "200 unreadable answer"),
        (200, "", b'{"MessageId": 7}', MailFailed, "200 unreadable answer"),
    ],
)  # fmt: skip
def test_what_another_try_may_change_is_told_from_what_it_will_not(
    ses: StandIn, status: int, kind: str, body: bytes, error: type[Exception], words: str
) -> None:
    ses.answers = [(status, kind, body)]
    with pytest.raises(error, match=words) as raised:
        mail().send()
    assert type(raised.value) is error
    assert isinstance(raised.value, OSError)  # what smtplib's errors are, too
    assert "ada@" not in str(raised.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": ["ädä@example.test"]},
        {"to": ["ada"]},
        {"to": ["a@x.test, b@x.test"]},
        {"bcc": [""]},
        {"to": ["a@x.test\r\nBcc: eve@x.test"]},
        {"to": [f"a{n}@x.test" for n in range(51)]},
        {"from_email": "nobody"},
    ],
)
def test_what_ses_would_not_take_is_refused_before(ses: StandIn, changes: dict[str, Any]) -> None:
    with pytest.raises((MailRefused, ValueError)):
        mail(**changes).send()
    assert ses.requests == []


def test_a_mail_whose_answer_is_lost_is_not_sent_again(ses: StandIn) -> None:
    assert mail().send() == 1
    ses.hang_up = True
    with pytest.raises(MailFailed, match="SES could not be reached"):
        mail().send()
    assert len(ses.requests) == 2


def test_nobody_answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(settings)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:9")
    with pytest.raises(MailFailed, match=r"SES could not be reached: ConnectionRefusedError\. A function in a VPC"):
        mail().send()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(MissingCredentials):
        mail().send()


def test_the_address_is_the_region_s(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from serverless.mail import ses

    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert ses._endpoint(REGION) == "https://email.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(("options", "words"), [({}, "no region"), ({"regoin": "x", "region": "y"}, "Unknown options")])
def test_options_that_cannot_be_meant(settings: Settings, options: dict[str, str], words: str) -> None:
    settings.MAILERS = {"default": {"BACKEND": "serverless.mail.ses.EmailBackend", "OPTIONS": options}}
    with pytest.raises(InvalidMailer, match=words):
        mailers["default"]


def test_ses_of_moto_takes_it_from_a_verified_sender_alone(settings: Settings) -> None:
    choose(settings)
    client: Any = boto3.client("sesv2", region_name=REGION)
    stranger = mail(from_email="no-reply@stranger.example")
    with pytest.raises(MailFailed, match="SES answered 400 MessageRejected"):
        stranger.send()
    client.create_email_identity(EmailIdentity="loupe.example")
    assert mail().send() == 1
