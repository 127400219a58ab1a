"""`manage.py demo`: a studio and a user to try Loupe with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from app.accounts.models import Membership, Studio, User
from serverless.db.shards import aliases

EMAIL = "demo@loupe.test"
PASSWORD = "loupe-demo"  # noqa: S105  # printed on purpose, and refused wherever DEMO is off


class Command(BaseCommand):
    """Creates the demo studio and its user, however often it is called."""

    help = "Create a demo studio and user, and print how to sign in. Needs DEMO = True in the settings."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        """Create what is missing and print address, e-mail and password."""
        if getattr(settings, "DEMO", False) is not True:
            raise CommandError(
                "The demo user has a public password: set DEMO = True on a private machine to create it."
            )
        create_demo()
        self.stdout.write(f"Loupe:    {settings.SITE_URL}\nE-mail:   {EMAIL}\nPassword: {PASSWORD}")
        self.stdout.write(f"Mail:     {settings.SITE_URL}{reverse('caught-mail')}")


@transaction.atomic
def create_demo() -> None:
    """Create studio, user and membership, or bring existing ones back to their known state."""
    user, _ = User.objects.get_or_create(email=EMAIL, defaults={"name": "Demo"})
    user.is_staff = user.is_superuser = user.is_active = True
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
    user.save()
    studio, _ = Studio.objects.get_or_create(slug="demo", defaults={"name": "Atelier Demo"})
    Membership.objects.get_or_create(studio=studio, user=user, defaults={"role": Membership.Role.OWNER})
    # One more on each shard, so that they can be looked at.
    for alias in aliases()[1:]:
        defaults = {"name": f"Atelier on shard {alias}", "shard": alias}
        studio, _ = Studio.objects.get_or_create(slug=f"demo-{alias}", defaults=defaults)
        Membership.objects.get_or_create(studio=studio, user=user, defaults={"role": Membership.Role.OWNER})
