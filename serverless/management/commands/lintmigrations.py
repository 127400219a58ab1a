"""`manage.py lintmigrations`: whether new migrations can run beside the release before them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from serverless.exceptions import ServerlessError


class Command(BaseCommand):
    help = (
        "Judge migrations by what they do to the code that serves while they run, and by their locks. "
        "docs/how-to/migrations.md says what each rule wants."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            nargs="*",
            default=[],
            metavar="NAME",
            help="what is live already, as app.0002_name: these and all that they depend on are not looked at. Without "
            "any, this is a first release, and nothing is wrong with it",
        )

    def handle(self, *_: Any, since: list[str], **__: Any) -> None:
        try:
            # Releases are made where this room is; functions lack it.
            from serverless.deploy.migrations import History, judge, plan
        except ImportError as error:
            raise CommandError(f"{error.name} is not here: lint where releases are made.") from None
        try:
            history = History(since)
            if since and history.is_first:
                raise CommandError(
                    f"This project has no migration called {since[0]}: give app.name, as showmigrations."
                )
            findings = judge(history)
        except ServerlessError as error:
            raise CommandError(str(error)) from None
        if history.unknown:
            self.stdout.write(f"Applied, and no longer here: {', '.join(history.unknown)}.")
        if findings:
            raise CommandError("\n\n".join(["These migrations cannot be released so:", *map(str, findings)]))
        for when, commands in (("before", plan(history).before), ("after", plan(history).after)):
            for words in commands:
                self.stdout.write(f"{when} the switch: manage.py {' '.join(words)}")
        self.stdout.write(f"{len(history.new())} new migrations, nothing wrong with them.")
