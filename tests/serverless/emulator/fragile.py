"""A function whose init phase fails in the way that INIT names, until the file that MENDED names exists."""

import os
import time
from pathlib import Path
from typing import Any

if not Path(os.environ["MENDED"]).exists():
    match os.environ["INIT"]:
        case "raise":
            raise ImportError("the database driver is missing")
        case "exit":
            os._exit(3)
        case "sleep":
            time.sleep(30)


def handler(event: dict[str, Any], context: Any) -> str:
    """Fine once it is up."""
    return "up"


def site(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The same as a site, behind any front door."""
    return {"statusCode": 200, "body": "up"}
