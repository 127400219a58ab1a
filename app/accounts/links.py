"""Links that prove an address: signed, open for PASSWORD_RESET_TIMEOUT seconds, good for one use, kept nowhere."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from app.accounts.models import User


class ConfirmationTokenGenerator(PasswordResetTokenGenerator):
    """Django's tokens, which here end with the proof, a new password or another address."""

    key_salt = "app.accounts.links.ConfirmationTokenGenerator"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_verified}"


confirmation_tokens = ConfirmationTokenGenerator()


def confirmation_link(user: User) -> str:
    """Return the address under which the owner of the mailbox confirms it."""
    return settings.SITE_URL + reverse("confirm-address", args=[user.pk, confirmation_tokens.make_token(user)])


def reset_link(user: User) -> str:
    """Return the address under which the owner of the mailbox chooses a new password."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return settings.SITE_URL + reverse("password-new", args=[uid, default_token_generator.make_token(user)])
