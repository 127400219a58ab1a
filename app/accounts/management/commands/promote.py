"""``manage.py promote EMAIL``: lets somebody who has an account do everything in the admin."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from app.accounts.models import User


class Command(BaseCommand):
    help = "Let somebody who has an account do everything in the admin; --revoke takes that back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--revoke", action="store_true", help="shut the admin to them again")

    def handle(self, *_: Any, email: str, revoke: bool, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"Nobody has an account with the address {email}: sign up on the site first.") from None
        if not revoke and not (user.is_active and user.is_verified):
            raise CommandError(f"{user.email} may not sign in, or has not confirmed the address by the mailed link.")
        user.is_staff = user.is_superuser = not revoke
        user.save(update_fields=["is_staff", "is_superuser"])
        self.stdout.write(f"{user.email} {'may not open the admin any more' if revoke else 'may open /admin/'}.")
