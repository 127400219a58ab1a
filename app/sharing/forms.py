"""The forms of a share link and of its lock."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone

from app.notifications.actions import one_line
from app.sharing import locks
from app.sharing.locks import Kind

# The end of a day is the start of the next one, which the last day of the calendar lacks.
_LAST_DAY = date(9998, 12, 31)
LONGEST_MESSAGE = 1000


class LockForm(forms.Form):
    """What a link asks for. Cleaned: `lock`, a Kind, and `secret`, the PIN or password that holds from now on."""

    lock = forms.TypedChoiceField(
        label="Protection",
        choices=[(Kind.NONE.value, "None"), (Kind.PIN.value, "PIN"), (Kind.PASSWORD.value, "Password")],
        coerce=Kind,
        empty_value=Kind.NONE,
        required=False,
        widget=forms.RadioSelect,
    )
    secret = forms.CharField(
        label="PIN or password",
        required=False,
        max_length=locks.LONGEST_PASSWORD,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean(self) -> dict[str, Any]:
        """Make a PIN where none was chosen, and refuse what is guessed first."""
        given: dict[str, Any] = super().clean() or {}
        if "lock" not in given or "secret" not in given:
            return given
        kind = given["lock"]
        secret = locks.cleaned(kind, given["secret"])
        try:
            given["secret"] = _CHECKS[kind](secret)
        except ValidationError as error:
            self.add_error("secret", error)
        return given


class ShareLinkForm(LockForm):
    """A new share link; a day given as its end is included."""

    label = forms.CharField(
        max_length=80, widget=forms.TextInput(attrs={"placeholder": "The couple", "autocomplete": "off"})
    )
    expires_on = forms.DateField(
        label="Open until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MaxValueValidator(_LAST_DAY, "This day is too far away. Leave it empty for no end.")],
    )
    send_to = forms.EmailField(
        label="E-mail it to",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"placeholder": "Optional", "autocomplete": "off", "spellcheck": "false"}),
    )
    message = forms.CharField(
        label="Your words in the mail",
        required=False,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Optional"}),
    )

    def clean_expires_on(self) -> datetime | None:
        """The end of that day."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError("This day is over. Choose today or later.")
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        return timezone.make_aware(midnight)

    def clean_message(self) -> str:
        """Its lines, without characters that disguise what stands there."""
        return "\n".join(one_line(line) for line in self.cleaned_data["message"].splitlines()).strip()

    def clean(self) -> dict[str, Any]:
        """Whoever reads the mail must not find the key beside the door."""
        given = super().clean()
        secret = given.get("secret")
        if secret and secret in given.get("message", ""):
            self.add_error("message", "Do not mail the PIN or password along with the link: tell it another way.")
        return given


def _no_secret(_secret: str) -> str:
    return ""


def _pin(secret: str) -> str:
    if not secret:
        return locks.new_pin()
    if not (secret.isascii() and secret.isdigit() and locks.SHORTEST_PIN <= len(secret) <= locks.LONGEST_PIN):
        raise ValidationError(
            f"A PIN has {locks.SHORTEST_PIN} to {locks.LONGEST_PIN} digits. Leave it empty and we make one."
        )
    if locks.is_guessed_first(secret):
        raise ValidationError("This PIN is among the first that anyone tries. Leave it empty and we make one.")
    return secret


def _password(secret: str) -> str:
    if len(secret) < locks.SHORTEST_PASSWORD:
        raise ValidationError(f"A password has {locks.SHORTEST_PASSWORD} characters or more.")
    CommonPasswordValidator().validate(secret)
    return secret


_CHECKS = {Kind.NONE: _no_secret, Kind.PIN: _pin, Kind.PASSWORD: _password}
