"""The environment variables that functions, setup commands and other terminals share: the stack's contract, locally."""

import math
import os
import secrets
import shlex
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from serverless.emulator import keys
from serverless.emulator.config import EmulatorConfig, FunctionConfig
from serverless.emulator.exceptions import StateUnusable
from serverless.emulator.files import write_private

MEDIA_BUCKET: Final = "local-media"
STATIC_BUCKET: Final = "local-static"


def origins(config: EmulatorConfig) -> list[str]:
    """Where the browser finds the site."""
    return [f"http://{host}:{config.port}" for host in dict.fromkeys(("localhost", "127.0.0.1", config.host))]


def contract(config: EmulatorConfig, services: Mapping[str, str]) -> dict[str, str]:
    """What the stack sets on Lambda. The state directory must exist. Raises StateUnusable."""
    key_pair = keys.current(config.state_dir)
    loopback = config.host in {"127.0.0.1", "localhost", "::1"}
    return {
        "DJANGO_SETTINGS_MODULE": config.settings,
        "SECRET_KEY": _secret_key(config.state_dir / "secret-key"),
        # On an address that others reach, they come by names that only their network knows.
        "ALLOWED_HOSTS": "localhost,127.0.0.1" if loopback else "*",
        "SITE_URL": origins(config)[0],
        "ORIGIN_SECRETS": secrets.token_urlsafe(32),
        "MEDIA_BUCKET": MEDIA_BUCKET,
        "STATIC_BUCKET": STATIC_BUCKET,
        # Two emulators of one checkout would delete each other's files while they collect them.
        "STATIC_ROOT": str(config.state_dir.resolve() / "static"),
        "MEDIA_KEY_PAIR_ID": key_pair.id,
        # One line: not everything that reads the environment file is a shell.
        "MEDIA_PRIVATE_KEY": key_pair.private.replace("\n", "\\n"),
        "WORKER_TIMEOUT": str(math.ceil(config.worker.timeout_s)),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        **services,
    }


def inherited(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables on top of the user's own, without any AWS_ setting that was meant for a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, **variables}


def reserved(function: FunctionConfig, *, root: Path, address: str) -> dict[str, str]:
    """What Lambda itself sets in an execution environment whose Runtime API is at `address`.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    return {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "LAMBDA_TASK_ROOT": str(root),
        "_HANDLER": function.handler,
        "TZ": ":UTC",
    }


def write_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """KEY=value lines that a shell can read (`set -a; . .local/env`), for the owner's eyes. Raises StateUnusable."""
    write_private(path, "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()))


def _secret_key(path: Path) -> str:
    """Made once, so that sessions outlive a restart."""
    try:
        if path.exists() and (kept := path.read_text("ascii")):  # empty where a full disk took the rest
            return kept
        key = secrets.token_urlsafe(50)
        write_private(path, key)
        return key
    except (OSError, ValueError) as problem:
        raise StateUnusable(path.parent, str(problem)) from problem
