"""What the layers share: WSGI's types, where a request points, S3's errors."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    type Application = WSGIApplication
    type Environ = WSGIEnvironment
    type Start = StartResponse

_REASONS = {400: "Bad Request", 403: "Forbidden", 404: "Not Found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer of S3's to a request it does not accept. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

    status: int
    code: str
    message: str
    details: tuple[tuple[str, str], ...] = ()

    def answer(self, start_response: "Start") -> Iterable[bytes]:
        fields = (("Code", self.code), ("Message", self.message), *self.details)
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields)
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        start_response(f"{self.status} {_REASONS[self.status]}", headers)
        return [body]


def bucket_and_key(environ: "Environ") -> tuple[str, str]:
    """Return what a path-style request names; the key is empty for a bucket, both for an SQS call."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key
