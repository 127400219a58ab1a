"""SQS in memory, as much of it as the participants call: a process of its own, whose CPU is not counted.

    python -m benchmarks.queues.sqs

Prints its port. Queues are made by being named. What is received is gone: nothing here is ever delivered twice.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
"""

import asyncio
import hashlib
import itertools
import json
from collections import defaultdict, deque
from typing import Any

_queues: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
_numbers = itertools.count()


async def main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode("latin-1").split("\r\n")[1:]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            answer = json.dumps(await _answer(operation, json.loads(body or b"{}"), headers["host"])).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\nx-amzn-requestid: r\r\n"
                b"content-length: %d\r\n\r\n%b" % (len(answer), answer)
            )
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _answer(operation: str, request: dict[str, Any], host: str) -> dict[str, Any]:
    name = request.get("QueueUrl", "").rpartition("/")[2] or request.get("QueueName", "")
    url = f"http://{host}/123456789012/{name}"
    match operation:
        case "SendMessage":
            return _send(name, request)
        case "SendMessageBatch":
            return {"Successful": [{"Id": entry["Id"]} | _send(name, entry) for entry in request["Entries"]]}
        case "ReceiveMessage":
            return await _receive(name, request)
        case "GetQueueAttributes":
            return {"Attributes": {"VisibilityTimeout": "60", "ApproximateNumberOfMessages": str(len(_queues[name]))}}
        case "ListQueues":
            return {"QueueUrls": [f"http://{host}/123456789012/{queue}" for queue in _queues]}
        case "CreateQueue" | "GetQueueUrl":
            _queues[name]
            return {"QueueUrl": url}
        case "DeleteMessageBatch" | "ChangeMessageVisibilityBatch":
            return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]]}
        case _:  # DeleteMessage, ChangeMessageVisibility: no fields in their answers
            return {}


def _send(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    digest = hashlib.md5(entry["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    number = next(_numbers)
    identifier = f"00000000-0000-4000-8000-{number:012d}"
    _queues[name].append(
        {
            "MessageId": identifier,
            "ReceiptHandle": f"receipt-{number}",
            "Body": entry["MessageBody"],
            "MD5OfBody": digest,
            "Attributes": {"ApproximateReceiveCount": "1"},
        }
    )
    return {"MessageId": identifier, "MD5OfMessageBody": digest}


async def _receive(name: str, request: dict[str, Any]) -> dict[str, Any]:
    queue, wanted = _queues[name], request.get("MaxNumberOfMessages", 1)
    for _ in range(request.get("WaitTimeSeconds", 0) * 100):
        if queue:
            break
        await asyncio.sleep(0.01)
    return {"Messages": [queue.popleft() for _ in range(min(wanted, len(queue)))]} if queue else {}


if __name__ == "__main__":
    asyncio.run(main())
