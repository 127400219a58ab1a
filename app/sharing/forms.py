"""The form of a share link."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

# The end of a day is the start of the next one, which the last day of the calendar lacks.
_LAST_DAY = date(9998, 12, 31)


class ShareLinkForm(forms.Form):
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

    def clean_expires_on(self) -> datetime | None:
        """The end of that day."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError("This day is over. Choose today or later.")
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        return timezone.make_aware(midnight)
