"""Buckets and queues, made where they are missing by the two services' own HTTP APIs."""

import http.client
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from serverless.emulator.exceptions import ServiceFailed
from serverless.sigv4 import Credentials, sign

_TIMEOUT_S = 10.0
# A row explains almost every message, so the dead-letter queue is the last net, not a retry policy.
_MAX_RECEIVE_COUNT = 50
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
_LONGEST_RETENTION_S = 14 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where S3 and SQS are, and as whom to ask."""

    url: str
    region: str
    credentials: Credentials

    def make_bucket(self, name: str) -> bool:
        """Make bucket ``name``; returns whether it was missing."""
        if self._s3("HEAD", f"/{name}", expect=(200, 404)) == 200:
            return False
        body = ""
        if self.region != "us-east-1":  # where S3 refuses to be told the region
            constraint = f"<LocationConstraint>{self.region}</LocationConstraint>"
            body = f"<CreateBucketConfiguration>{constraint}</CreateBucketConfiguration>"
        self._s3("PUT", f"/{name}", body=body.encode())
        return True

    def allow_browsers(self, bucket: str, origins: Iterable[str]) -> None:
        """Let pages of ``origins`` upload to and read from ``bucket``."""
        rule = "".join(
            [
                *(f"<AllowedOrigin>{escape(origin)}</AllowedOrigin>" for origin in origins),
                "<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>",
                "<AllowedHeader>content-type</AllowedHeader>",
                # By name: S3 answers a preflight with the names asked for, moto with what stands here, and browsers
                # take no pattern.
                "<AllowedHeader>x-amz-checksum-sha256</AllowedHeader>",
                "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds>",
            ]
        )
        body = f"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>"
        self._s3("PUT", f"/{bucket}?cors=", body=body.encode())

    def make_queue(self, name: str, *, visibility: int) -> str:
        """Make queue ``name`` and its dead-letter queue where missing; returns its URL. ``visibility`` in seconds."""
        found = self._sqs("GetQueueUrl", {"QueueName": name}, expect=(200, 400))
        if "QueueUrl" in found:
            return str(found["QueueUrl"])
        retention = {"MessageRetentionPeriod": str(_LONGEST_RETENTION_S)}
        dead = self._sqs("CreateQueue", {"QueueName": f"{name}-dead", "Attributes": retention})
        asked = {"QueueUrl": dead["QueueUrl"], "AttributeNames": ["QueueArn"]}
        arn = self._sqs("GetQueueAttributes", asked)["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": _MAX_RECEIVE_COUNT})
        attributes = {**retention, "VisibilityTimeout": str(visibility), "RedrivePolicy": redrive}
        return str(self._sqs("CreateQueue", {"QueueName": name, "Attributes": attributes})["QueueUrl"])

    def _s3(self, method: str, path: str, *, body: bytes = b"", expect: Sequence[int] = (200,)) -> int:
        status, answer = self._call("s3", method, path, {"content-type": "application/xml"} if body else {}, body)
        if status not in expect:
            raise ServiceFailed("S3", f"{method} {path} at {self.url} answered {status}: {answer[:300]!r}")
        return status

    # The answer's shape is the operation's own.
    def _sqs(
        self, operation: str, arguments: Mapping[str, object], *, expect: Sequence[int] = (200,)
    ) -> dict[str, Any]:
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{operation}"}
        status, answer = self._call("sqs", "POST", "/", headers, json.dumps(arguments).encode())
        if status not in expect:
            raise ServiceFailed("SQS", f"{operation} at {self.url} answered {status}: {answer[:300]!r}")
        try:
            return dict(json.loads(answer))
        except ValueError:
            raise ServiceFailed("SQS", f"{operation} at {self.url} answered no JSON: {answer[:300]!r}") from None

    def _call(self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        signed = sign(
            method,
            self.url.rstrip("/") + path,
            service=service,
            region=self.region,
            credentials=self.credentials,
            headers=headers,
            body=body,
        )
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_TIMEOUT_S)
        try:
            connection.request(method, parts.path.rstrip("/") + path, body=body, headers=signed)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:  # nothing is there, or something that speaks no HTTP
            raise ServiceFailed(
                "S3 and SQS", f"{self.url} does not answer ({error}); start it or unset AWS_ENDPOINT_URL"
            ) from None
        finally:
            connection.close()
