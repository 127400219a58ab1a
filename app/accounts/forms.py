"""The sign-in form."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Django's form, asking for an e-mail address in one that is built to ask for it."""

    username = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username", "spellcheck": "false"}),
    )
    error_messages = {
        "invalid_login": "This e-mail and password do not match. Check both and try again.",
        "inactive": "This account is closed.",
    }
