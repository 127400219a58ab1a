"""Signed requests to the emulated S3 and SQS, asynchronous, so that a long poll ends the moment the cloud stops.

boto3 would cost the parent process 215-300 ms of CPU at start and a thread per poll that nothing can cancel.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from yarl import URL

from serverless.emulator.exceptions import EmulatorError
from serverless.sigv4 import Credentials, sign

_CONNECT_TIMEOUT: Final = 2.0
# Longer than SQS's longest poll of 20 s.
_READ_TIMEOUT: Final = 25.0


class AwsError(EmulatorError):
    """A service refused a call or could not be reached."""


class AwsClient:
    """One session for all calls. `environ` names endpoint, region and credentials, as it does for the functions."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._endpoint = environ["AWS_ENDPOINT_URL"].rstrip("/")
        self._region = environ.get("AWS_REGION", "us-east-1")
        self._credentials = Credentials(
            access_key=environ["AWS_ACCESS_KEY_ID"],
            secret_key=environ["AWS_SECRET_ACCESS_KEY"],
            token=environ.get("AWS_SESSION_TOKEN"),
        )
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIMEOUT, sock_read=_READ_TIMEOUT),
            connector=aiohttp.TCPConnector(limit=0),
            auto_decompress=False,
        )

    async def close(self) -> None:
        """End every call under way."""
        await self._session.close()

    async def get_object(
        self, bucket: str, key: str, *, query: str = "", method: str, headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        """An S3 response, its body still to be read; `key` and `query` are sent as they stand, percent-encoded."""
        url = f"{self._endpoint}/{bucket}/{key}{query and '?'}{query}"
        signed = self._sign(method, url, "s3", headers=headers, body=b"")
        return await self._session.request(method, URL(url, encoded=True), headers=signed)

    async def sqs(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Call an action of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/. Raises AwsError."""
        body = json.dumps(parameters).encode()
        url = f"{self._endpoint}/"
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{action}"}
        signed = self._sign("POST", url, "sqs", headers=headers, body=body)
        try:
            async with self._session.post(URL(url, encoded=True), data=body, headers=signed) as response:
                text = await response.read()
                if response.status != 200:
                    raise AwsError(f"SQS {action} answered {response.status}: {text.decode(errors='replace')[:500]}")
                return dict(json.loads(text or b"{}"))
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            raise AwsError(f"SQS {action} failed: {problem}") from problem

    def _sign(self, method: str, url: str, service: str, *, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        return sign(
            method,
            url,
            service=service,
            region=self._region,
            credentials=self._credentials,
            headers=headers,
            body=body,
        )
