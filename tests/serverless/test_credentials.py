"""Where a function's credentials come from. The container's address is a real HTTP server here."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from serverless import credentials
from serverless.credentials import Credentials, MissingCredentials

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass
class Container:
    """What hands out credentials under SnapStart: the answers in turn, the last one for good."""

    answers: list[tuple[int, str]]
    asked: list[tuple[str, str | None]] = field(default_factory=list)


def keys(number: int, *, seconds: float = 3600) -> tuple[int, str]:
    end = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = {"AccessKeyId": f"AKID{number}", "SecretAccessKey": "s", "Token": "t", "Expiration": end}
    return 200, json.dumps(found)


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    state = Container([keys(1)])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, self.headers["Authorization"]))
            status, body = state.answers[0] if len(state.answers) == 1 else state.answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name in the base class

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/creds?a=1")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let-me-in")
    credentials.forget()
    yield state
    credentials.forget()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_container_is_asked_once_and_with_its_token(container: Container) -> None:
    first, second = Credentials.from_environ(), Credentials.from_environ()
    assert first == second == Credentials(access_key="AKID1", secret_key="s", token="t")
    assert container.asked == [("/creds?a=1", "let-me-in")]


def test_after_a_restore_it_is_asked_again(container: Container) -> None:
    container.answers = [keys(1), keys(2)]
    assert Credentials.from_environ().access_key == "AKID1"
    credentials.forget()
    assert Credentials.from_environ().access_key == "AKID2"


def test_credentials_that_soon_end_are_not_kept(container: Container) -> None:
    container.answers = [keys(1, seconds=60), keys(2)]
    assert [Credentials.from_environ().access_key for _ in range(2)] == ["AKID1", "AKID2"]


def test_variables_go_first(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert Credentials.from_environ().access_key == "AKID"
    assert container.asked == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((403, "{}"), "answered 403"),
        ((200, "<html>"), "no JSON"),
        ((200, "{}"), "no set of credentials"),
        (
            (200, json.dumps({"AccessKeyId": "a", "SecretAccessKey": "hush", "Token": "t", "Expiration": "soon"})),
            "no set",
        ),
    ],
)
def test_what_is_no_answer_is_told_without_its_text(
    container: Container, answer: tuple[int, str], message: str
) -> None:
    container.answers = [answer]
    with pytest.raises(MissingCredentials, match=message) as caught:
        Credentials.from_environ()
    assert "hush" not in str(caught.value)


def test_nobody_there(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/creds")
    with pytest.raises(MissingCredentials, match="answered nothing: ConnectionRefusedError"):
        Credentials.from_environ()
