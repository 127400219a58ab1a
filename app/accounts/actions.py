"""Signing up, and what a lost password or mail leads to. None tells its caller whether an address is known."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify

from app.accounts import signals
from app.accounts.links import confirmation_link, reset_link
from app.accounts.models import Membership, Studio, User, UserManager
from app.accounts.shards import shard_for_new
from serverless.ids import uuid7

_SLUG_LENGTH = 45


@transaction.atomic
def sign_up(email: str, *, password: str, studio_name: str) -> None:
    """Make a user, their studio and the mail that asks to confirm the address.

    A known address gets a mail too and keeps its password and studio. Both ways hash the password (most of the time
    spent here) and write one mail, so that neither the answer nor its time tells them apart.
    """
    hashed = make_password(password)
    user, created = User.objects.get_or_create(
        email=UserManager.normalize_email(email), defaults={"password": hashed, "is_verified": False}
    )
    if created:
        create_studio(studio_name, owner=user)
    if user.is_verified:
        links = {
            "sign_in_link": settings.SITE_URL + reverse("sign-in"),
            "reset_link": settings.SITE_URL + reverse("password-forgotten"),
        }
        signals.address_taken.send(User, user=user, links=links, occasion=uuid7().hex)
    else:
        ask_for_confirmation(user, occasion=uuid7().hex)


def create_studio(name: str, *, owner: User) -> Studio:
    """Make a studio that belongs to `owner`; its slug is the name and, where that is taken, part of its id."""
    pk = uuid7()
    slug = slugify(name)[:_SLUG_LENGTH].strip("-") or "studio"
    if Studio.objects.filter(slug=slug).exists():
        slug = f"{slug}-{pk.hex[-12:]}"
    studio = Studio.objects.create(pk=pk, slug=slug, name=name, shard=shard_for_new())
    Membership.objects.create(studio=studio, user=owner, role=Membership.Role.OWNER)
    return studio


def ask_for_confirmation(user: User, *, occasion: str) -> None:
    """Announce that the user's address has to be proven."""
    signals.address_unproven.send(User, user=user, link=confirmation_link(user), occasion=occasion)


def confirm_address(user: User) -> None:
    """Note that the user has opened a link that only their mailbox got."""
    User.objects.filter(pk=user.pk).update(is_verified=True)


@transaction.atomic
def answer_forgotten_password(email: str, *, occasion: str) -> None:
    """Announce that a new password is wanted, if somebody signs in with this address and a password."""
    user = User.objects.filter(email=UserManager.normalize_email(email), is_active=True).first()
    if user is not None and user.has_usable_password():
        signals.password_forgotten.send(User, user=user, link=reset_link(user), occasion=occasion)


@transaction.atomic
def answer_missing_confirmation(email: str, *, occasion: str) -> None:
    """Ask once more for the proof of an address, if it is one that waits for it."""
    user = User.objects.filter(email=UserManager.normalize_email(email), is_active=True, is_verified=False).first()
    if user is not None:
        ask_for_confirmation(user, occasion=occasion)
