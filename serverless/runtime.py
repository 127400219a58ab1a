"""What an execution environment can do about its own end, by way of Lambda's runtime.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import http.client
import json
import os
from typing import Any, Final

__all__ = ["answer_and_end", "end_after_answer"]

_VERSION: Final = "2018-06-01"
_TIMEOUT_S: Final = 1.0


def end_after_answer() -> None:
    """Let this environment end as soon as its answer was delivered, instead of asking for the next event.

    For what cannot be cleaned up: Lambda starts a fresh environment at the next event.
    """
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    LambdaRuntimeClient.wait_next_invocation = _end


def answer_and_end(request_id: str, answer: Any) -> None:
    """Deliver the answer to the invocation under way and end this process, whatever its main thread is doing."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=_TIMEOUT_S)
    try:
        connection.request(
            "POST",
            f"/{_VERSION}/runtime/invocation/{request_id}/response",
            body=json.dumps(answer).encode(),
            headers={"Content-Type": "application/json"},
        )
        connection.getresponse().read()
    finally:
        _end()


def _end(*_: object) -> None:
    # Without clean-up: whatever is still running would only hold it up.
    os._exit(1)
