"""Tiny functions for execution environments to run; no Django."""

import base64
import json
import os
import subprocess
import sys
import time
from typing import Any

from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

type Event = dict[str, Any]

_STATE = {"calls": 0, "busy": False}


def echo(event: Event, context: Any) -> dict[str, Any]:
    """What it was given, and what an environment remembers."""
    _STATE["calls"] += 1
    return {
        "event": event,
        "pid": os.getpid(),
        "calls": _STATE["calls"],
        "remaining_ms": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
        "environ": dict(os.environ),
    }


def obey(event: Event, context: Any) -> Any:
    """Do what the event says: sleep, flood the log, linger, exit, raise, print, start a child, answer at length."""
    assert not _STATE["busy"], "two events at once"
    _STATE["busy"] = True
    time.sleep(event.get("sleep", 0))
    _STATE["busy"] = False
    if "flood" in event:
        until = time.monotonic() + event["flood"]
        while time.monotonic() < until:
            os.write(1, b"x" * 65_536)
    if "linger" in event:  # answer, then never ask for the next event
        LambdaRuntimeClient.wait_next_invocation = lambda *_: time.sleep(event["linger"])
    if "exit" in event:
        os._exit(event["exit"])
    if "raise" in event:
        raise ValueError(event["raise"])
    if "print" in event:
        sys.stdout.write(f"{event['print']}\n")
    if "child" in event:
        child = subprocess.Popen(["/bin/sleep", "60"])
        return {"pid": os.getpid(), "child": child.pid}
    return "x" * event["size"] if "size" in event else {"pid": os.getpid()}


def web(event: Event, context: Any) -> Any:
    """A site behind any front door: `/event` shows the event, `/answer` returns the JSON that was posted to it."""
    path = event.get("rawPath") or event["path"]
    if path == "/sleep":
        time.sleep(30)
    if path == "/raise":
        raise ValueError("as asked")
    if path == "/answer":
        return json.loads(base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"])
    if path == "/short":
        event = {}
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(event)}


def batch(event: Event, context: Any) -> Any:
    """Report the messages whose body is `fail`; raise, exit or `sleep 1.5` where one says so. Ticks are noted."""
    if "Records" not in event:
        sys.stdout.write(f"tick {event['time']}\n")
        return None
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    sys.stdout.write(f"batch {json.dumps(event)}\n")
    for body in bodies.values():
        if body.startswith("sleep "):
            time.sleep(float(body.partition(" ")[2]))
    if "exit" in bodies.values():
        os._exit(7)
    if "raise" in bodies.values():
        raise ValueError("as asked")
    return {"batchItemFailures": [{"itemIdentifier": key} for key, body in bodies.items() if body == "fail"]}


def site(event: Event, context: Any) -> Any:
    """Both functions in one, as the real entry point is."""
    return web(event, context) if "rawPath" in event else batch(event, context)
