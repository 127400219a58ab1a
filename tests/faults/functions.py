"""What the rig's functions are given, and what is read of them."""

import os
from pathlib import Path

from serverless.emulator.results import Result
from serverless.events.types import SqsMessage
from tests.faults.sqs import Held


def environ(*, database: str, queue: str, home: Path) -> dict[str, str]:
    """The variables of both functions."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DJANGO_"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.project.settings",
        "DATABASE_URL": database,
        "TASK_QUEUE_URL": queue,
        "FAULTS_HOME": str(home),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local-secret",
    }


def succeeded(result: Result) -> bool:
    """Whether everything in an invocation went well, by whichever answer its kind of event gets."""
    if result.failure:
        return False
    answer = result.json() or {}
    return not (answer.get("batchItemFailures") or answer.get("databases_away") or answer.get("statusCode", 200) >= 500)


def memory_mb(pid: int) -> int:
    """The most that a process ever had; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def sqs_message(message: Held) -> SqsMessage:
    return SqsMessage(
        messageId=message.id,
        receiptHandle=message.receipt,
        body=message.body,
        attributes={"ApproximateReceiveCount": str(message.receives)},
        messageAttributes={},
        md5OfBody="",
    )
