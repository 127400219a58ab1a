"""A site of one page, whatever the path: what the file that PAGE names says. CALLS gets a line for each event."""

import json
import os
import time
from pathlib import Path
from typing import Any


def site(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer with `status`, `headers` and `body` of the file; 304 to whoever has the ETag; after `sleep` seconds."""
    with Path(os.environ["CALLS"]).open("a") as calls:
        calls.write(json.dumps(event) + "\n")
    page = json.loads(Path(os.environ["PAGE"]).read_text())
    if "raise" in page:
        raise ValueError(page["raise"])
    time.sleep(page.get("sleep", 0))
    headers = page.get("headers", {})
    if "etag" in headers and event["headers"].get("if-none-match") == headers["etag"]:
        return {"statusCode": 304, "headers": headers, "body": ""}
    answer = {"statusCode": page.get("status", 200), "headers": headers, "body": page.get("body", "")}
    answer["isBase64Encoded"] = page.get("base64", False)
    return answer | ({"cookies": page["cookies"]} if "cookies" in page else {})
