"""Django's command; without a password it prints an address where one is chosen.

In a function nobody can type one, and words of a command are no place for it.
"""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from app.accounts.links import reset_link
from app.accounts.models import User


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Print a link, good once and for a day, for a new user who has no password yet."""
        known = set(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=known):
            if not user.has_usable_password():
                self.stdout.write(f"Choose a password within a day: {reset_link(user)}")
