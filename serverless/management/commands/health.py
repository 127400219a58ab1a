"""`manage.py health`: what `/healthz/deep` says, for whoever may invoke the function."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from serverless.health.parts import look


class Command(BaseCommand):
    help = "Look at every database, replica, cache and queue that the settings name."
    # It is to say what is wrong where the checks could not even begin.
    requires_system_checks = []

    def handle(self, *_: Any, **__: Any) -> None:
        parts = look()
        self.stdout.write(json.dumps([part.as_json() for part in parts], indent=2))
        if any(part.problem for part in parts):
            sys.exit(1)
