"""Lambda's Invoke: the version's own zip, unpacked, run by AWS's runtime client in an environment of the emulator's."""

import asyncio
import base64
import copy
import io
import json
import os
import shutil
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction, LambdaStorage, lambda_backends
from werkzeug.wrappers import Response

from serverless.emulator.config import FunctionConfig
from serverless.emulator.function import Function
from serverless.emulator.results import Failure, Result

ACCOUNT = "123456789012"
PASSWORD = "instead-of-a-token"


class Lambdas:
    """``database``: ``host:port/name`` of a server without TLS and tokens, where functions find that of their URL."""

    def __init__(self, *, database: str) -> None:
        self.database = database
        self._url = ""
        self.invoked: list[tuple[str, str]] = []
        self._folder = Path(tempfile.mkdtemp(prefix="versions-"))
        self._functions: dict[tuple[str, str, str], Function] = {}
        self._loop = asyncio.new_event_loop()
        # Environments die with the thread that starts them: this one lives as long as they do.
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.log: list[str] = []

    def start(self, url: str) -> None:
        self._url = url
        self._thread.start()

    def stop(self) -> None:
        self.forget()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self._folder)

    def forget(self) -> None:
        """Stop all environments."""
        for function in self._functions.values():
            asyncio.run_coroutine_threadsafe(function.stop(), self._loop).result()
        self._functions.clear()

    def invoke(self, name: str, qualifier: str, payload: bytes, *, region: str) -> Response:
        try:
            found = lambda_backends[ACCOUNT][region].get_function(name, _version(name, qualifier, region))
        except LambdaClientError as error:
            return _refused(404, "ResourceNotFoundException", error.message)
        reserved = lambda_backends[ACCOUNT][region].get_function(name).reserved_concurrency
        with self._lock:
            if reserved is not None and self._running[found.function_name] >= int(reserved):
                return _refused(429, "TooManyRequestsException", "Rate Exceeded.")
            self._running[found.function_name] += 1
            self.most[found.function_name] = max(self.most[found.function_name], self._running[found.function_name])
            function = self._function(found, region)
        self.invoked.append((found.function_name, str(found.version)))
        try:
            future = asyncio.run_coroutine_threadsafe(function.invoke(json.loads(payload), wait=True), self._loop)
            return _response(future.result(), self.log)
        finally:
            with self._lock:
                self._running[found.function_name] -= 1

    def _function(self, found: Any, region: str) -> Function:
        variables = repr(sorted(found.environment_vars.items()))
        key = (found.function_name, str(found.version), f"{found.code_sha_256} {variables}")
        if key not in self._functions:
            config = FunctionConfig(
                name=found.function_name,
                handler=found.handler,
                memory_mb=found.memory_size,
                timeout_s=found.timeout,
                concurrency=4,
                version=str(found.version),
            )
            self._functions[key] = Function(
                config, environ=self._environ(found, region), root=self._unpacked(found.code_bytes), log=self.log.append
            )
        return self._functions[key]

    def _environ(self, found: Any, region: str) -> Mapping[str, str]:
        user = urlsplit(found.environment_vars["DATABASE_URL"]).username
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
            **found.environment_vars,
            "AWS_ENDPOINT_URL": self._url,
            # Each function as the user that it has on AWS.
            "DATABASE_URL": f"postgresql://{user}:{PASSWORD}@{self.database}",
            "CACHE_URL": os.environ["CACHE_URL"],
        }

    def _unpacked(self, code: bytes) -> Path:
        target = self._folder / sha256(code).hexdigest()
        if not target.exists():
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(target)
        return target


def publish_version(storage: LambdaStorage, name_or_arn: str, description: str = "") -> LambdaFunction:
    """In the place of moto's, which numbers by how many versions there are: after one is deleted, two have a number.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html: a number is never used again.
    """
    latest: Any = storage.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
    versions = storage._functions[latest.function_name]["versions"]
    if versions and not latest.code_or_config_updated:
        return cast("LambdaFunction", versions[-1])
    latest.code_or_config_updated = False
    latest.highest = getattr(latest, "highest", 0) + 1
    published = copy.copy(latest)
    published.set_version(latest.highest)
    published.description = description or latest.description
    versions.append(published)
    storage._arns[published.function_arn] = published
    return cast("LambdaFunction", published)


def _version(name: str, qualifier: str, region: str) -> str | None:
    if qualifier == "$LATEST" or qualifier.isdecimal():
        return qualifier
    return str(lambda_backends[ACCOUNT][region].get_alias(qualifier, name).function_version)


def _refused(status: int, kind: str, message: str) -> Response:
    body = json.dumps({"Type": "User", "Message": message})
    return Response(body, status, {"x-amzn-ErrorType": kind}, mimetype="application/json")


def _response(result: Result, log: list[str]) -> Response:
    headers = {"x-amz-log-result": base64.b64encode("\n".join(log[-20:]).encode()[-4096:]).decode()}
    if result.failure is not None:
        headers["x-amz-function-error"] = "Handled" if result.failure is Failure.RAISED else "Unhandled"
    return Response(result.payload, 200, headers, mimetype="application/json")
