"""Loupe on this machine. ``make run`` gives its processes the environment; other terminals read what it wrote down."""

import os
import shlex
from pathlib import Path

# There while `make run` is up: `manage.py shell` then meets the same database, cache and buckets.
_WRITTEN = Path(__file__).resolve().parent.parent / ".local" / "env"
if _WRITTEN.is_file():
    for _entry in shlex.split(_WRITTEN.read_text()):
        _name, _, _value = _entry.partition("=")
        os.environ.setdefault(_name, _value)

from settings.base import *  # noqa: E402, F403
from settings.base import env  # noqa: E402

DEMO = True
# "off" for a studio without a gallery, a folder for one of its photographs, nothing for those of docs/credits.md.
DEMO_PHOTOS = env.text("DEMO_PHOTOS", "")
# Nothing leaves this machine: http://localhost:8000/_local/mail/ shows it.
MAILERS = {"default": {"BACKEND": "app.notifications.catching.CatchingBackend"}}

env.done()
