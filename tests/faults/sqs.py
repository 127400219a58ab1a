"""SQS in memory, on a clock that jumps: its sending side over HTTP, where it can misbehave, the rest as methods.

Standard queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

import asyncio
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

# What the emulator's queues have.
MAX_RECEIVES = 50
# Longer than the product waits for an answer.
_SLOW_S = 5.5

type Fault = Literal["unavailable", "throttled", "slow", "failed", "reply lost", "duplicated"]


@dataclass(slots=True, kw_only=True)
class Held:
    """One message. ``visible_at`` is on the rig's clock; ``receipt`` changes with each receive."""

    body: str
    visible_at: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    receives: int = 0
    receipt: str = ""

    @property
    def task(self) -> str:
        """The id of the row it names, or nothing where it names none."""
        try:
            return str(json.loads(self.body)["task"])
        except (ValueError, KeyError, TypeError):
            return ""


class Queue:
    """One queue with its dead-letter queue.

    ``faults`` are for the next requests, one each, None where it goes well; ``chaos`` is for any. ``accepted`` is told
    each body that it takes.
    """

    def __init__(self, *, clock: Callable[[], float], visibility: float) -> None:
        self._clock = clock
        self.visibility = visibility
        self.held: dict[str, Held] = {}
        self.dead: list[Held] = []
        self.faults: list[Fault | None] = []
        self.chaos: Callable[[], Fault | None] = lambda: None
        self.accepted: Callable[[str], None] = lambda _: None
        self.random = random.Random(0)  # noqa: S311 - shuffles messages
        self.url = ""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/123456789012/default"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def clear(self) -> None:
        self.held.clear()
        self.dead.clear()
        self.faults.clear()
        self.chaos = lambda: None

    def put(self, body: str, *, delay: float = 0.0) -> None:
        message = Held(body=body, visible_at=self._clock() + delay)
        self.held[message.id] = message

    def receive(self, most: int) -> list[Held]:
        """Hide up to ``most`` visible messages for the visibility timeout; whatever came too often is dead instead."""
        visible = [message for message in self.held.values() if message.visible_at <= self._clock()]
        self.random.shuffle(visible)
        taken: list[Held] = []
        for message in visible[:most]:
            if message.receives >= MAX_RECEIVES:
                self.dead.append(self.held.pop(message.id))
                continue
            message.receives += 1
            message.receipt = uuid.uuid4().hex
            message.visible_at = self._clock() + self.visibility
            taken.append(message)
        return taken

    def delete(self, message: Held) -> None:
        self.held.pop(message.id, None)

    def next_visible(self) -> float | None:
        """When the next message can be received, on the rig's clock."""
        return min((message.visible_at for message in self.held.values()), default=None)

    def holds(self, task: str) -> bool:
        return any(message.task == task for message in self.held.values())

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        fault = self.faults.pop(0) if self.faults else self.chaos()
        try:
            asked = json.loads(await request.content.read())
        except ConnectionResetError:  # who asked was killed
            return web.Response()
        if request.headers["x-amz-target"] != "AmazonSQS.SendMessageBatch":
            return _answer(400, {"__type": "com.amazonaws.sqs#UnsupportedOperation"})
        match fault:
            case "unavailable":
                return _answer(503, {"__type": "com.amazonaws.sqs#ServiceUnavailable"})
            case "throttled":
                return _answer(400, {"__type": "com.amazonaws.sqs#RequestThrottled"})
        refused = {entry["Id"] for entry in asked["Entries"][::2]} if fault == "failed" else set()
        accepted = [entry for entry in asked["Entries"] if entry["Id"] not in refused]
        for entry in accepted * (2 if fault == "duplicated" else 1):
            self.put(entry["MessageBody"], delay=entry["DelaySeconds"])
            self.accepted(entry["MessageBody"])
        if fault in {"reply lost", "slow"}:
            await asyncio.sleep(_SLOW_S if fault == "slow" else 0)
            if request.transport is not None:
                request.transport.abort()
            return _answer(200, {})
        failed = [{"Id": name, "Code": "InternalError", "SenderFault": False} for name in sorted(refused)]
        return _answer(200, {"Successful": [{"Id": entry["Id"]} for entry in accepted], "Failed": failed})


def _answer(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/x-amz-json-1.0")
