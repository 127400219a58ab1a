"""Forms for signing up and in, and for lost passwords."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm, SetPasswordForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from app.accounts.models import Membership, User
from app.accounts.tasks import send_reset

PASSWORD_HELP = "At least 8 characters, and not one of the common ones."  # noqa: S105  # a hint


def _email(*, autocomplete: str = "email", autofocus: bool = True) -> forms.EmailField:
    attrs = {"autocomplete": autocomplete, "spellcheck": "false", "autofocus": autofocus}
    return forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs=attrs))


def _new_passwords() -> tuple[forms.CharField, forms.CharField]:
    first, second = SetPasswordForm.create_password_fields("New password", "Once more")
    first.help_text, second.help_text = PASSWORD_HELP, ""
    return first, second


class SignInForm(AuthenticationForm):
    """Django's form, asking for an e-mail address in one that is built to ask for it."""

    username = _email(autocomplete="username")
    error_messages = {
        "invalid_login": "This e-mail and password do not match. Check both and try again.",
        "inactive": "This account is closed.",
    }
    unverified = False

    def confirm_login_allowed(self, user: User) -> None:
        """Let in who has proven their address. Only the right password gets as far as this."""
        super().confirm_login_allowed(user)
        if not user.is_verified:
            self.unverified = True
            raise ValidationError(
                "One step is left: open the link that we sent to this address, then sign in.", code="unverified"
            )


def _password() -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(strip=False, max_length=1024, widget=widget, help_text=PASSWORD_HELP)


def _judge_password(form: forms.Form, *, email: str, name: str) -> None:
    """Judge the password knowing the address and the name."""
    if "password" in form.cleaned_data:
        try:
            validate_password(form.cleaned_data["password"], User(email=email, name=name))
        except ValidationError as error:
            form.add_error("password", error)


class SignUpForm(forms.Form):
    """A new user with a new studio. Says nothing about whether the address is known."""

    studio_name = forms.CharField(
        label="Studio name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    email = _email(autocomplete="username", autofocus=False)
    password = _password()

    def clean_studio_name(self) -> str:
        """One line, whatever was pasted."""
        return " ".join(self.cleaned_data["studio_name"].split())

    def clean(self) -> dict[str, Any]:
        """Judge the password knowing the address."""
        cleaned = self.cleaned_data
        _judge_password(self, email=cleaned.get("email", ""), name=cleaned.get("studio_name", ""))
        return cleaned


class JoinForm(forms.Form):
    """A new user who was invited: the address is known, and proven by the link."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    password = _password()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_name(self) -> str:
        """One line, whatever was pasted."""
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        """Judge the password knowing the address."""
        _judge_password(self, email=self.email, name=self.cleaned_data.get("name", ""))
        return self.cleaned_data


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = _email(autocomplete="off", autofocus=False)
    role = forms.ChoiceField(choices=())

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role.value, role.label) for role in reversed(Membership.Role) if role in roles]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class AddressForm(PasswordResetForm):
    """Asks for an address. Saving queues the mail; who it is for is found out by the task."""

    email = _email()

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002  # Django's signature
        """Queue the mail with the reset link."""
        send_reset.enqueue(self.cleaned_data["email"])


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A new password by a mailed link, which proves the address as well."""

    new_password1, new_password2 = _new_passwords()

    def save(self, commit: bool = True) -> User:
        """Set the password."""
        self.user.is_verified = True
        user: User = super().save(commit)
        return user


class PasswordChangeForm(DjangoPasswordChangeForm):
    """A new password by somebody who knows the old one."""

    new_password1, new_password2 = _new_passwords()
