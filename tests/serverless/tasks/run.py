"""Python in a process of its own, with this app and this test's database and nothing else."""

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection

_SETUP = """
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["serverless.tasks"],
    USE_TZ=True,
    DATABASES={"default": DATABASE},
    TASKS=TASKS,
)
django.setup()
"""


def run_python(code: str, *, timeout: float = 20) -> "subprocess.CompletedProcess[str]":
    with start_python(code) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def start_python(code: str) -> "subprocess.Popen[str]":
    database = {key: connection.settings_dict[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}
    given = f"DATABASE = {database!r}\nTASKS = {settings.TASKS!r}\n"
    environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.Popen(
        [sys.executable, "-c", given + _SETUP + code],
        env=environ | {"PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
