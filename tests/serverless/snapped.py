"""A function under SnapStart that tells what came out of the snapshot."""

import json
import os
import random
import sys
from typing import Any

import snapshot_restore_py
from django.conf import settings
from django.template import engines

from serverless import signed
from serverless.handlers import main  # noqa: F401 - Django starts, and registers the hooks

# The state that every environment restored from this snapshot would share.
random.seed(1)
SEEDED = random.random()  # noqa: S311 - nobody's secret
random.seed(1)


def _somebody_changes_the_secret() -> None:
    if new := os.environ.get("CHANGE_SECRET_TO"):
        name, text = new.split("|")
        body = json.dumps({"SecretId": name, "SecretString": text, "ClientRequestToken": "x" * 32}).encode()
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.PutSecretValue"}
        url = f"{os.environ['AWS_ENDPOINT_URL']}/"
        answer = signed.call("POST", url, service="secretsmanager", headers=headers, body=body)
        assert answer.status == 200, answer.body


snapshot_restore_py.register_before_snapshot(_somebody_changes_the_secret)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    engine: Any = engines["django"]
    return {
        "pid": os.getpid(),
        "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"],
        "reseeded": random.random() != SEEDED,  # noqa: S311 - as above
        "kept connections": len(signed._kept),
        "templates": sorted(engine.engine.template_loaders[0].get_template_cache),
        "cryptography": "cryptography.hazmat.primitives.asymmetric.ec" in sys.modules,
        "secret": settings.SECRET_KEY,
    }
