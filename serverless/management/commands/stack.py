"""``manage.py stack``: the same as ``python -m serverless.deploy stack``, where the project's settings load."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from serverless.exceptions import ServerlessError


class Command(BaseCommand):
    help = "Show, make, read or remove the CloudFormation stacks that a stage runs on."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        # Here and below: what runs on Lambda finds this command, too, but not what it needs.
        from serverless.deploy.commands import stack

        stack.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        from serverless.deploy.commands import stack

        try:
            code = stack.run(argparse.Namespace(**options))
        except ServerlessError as problem:
            raise CommandError(str(problem)) from None
        if code:
            raise SystemExit(code)
