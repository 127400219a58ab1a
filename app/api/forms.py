"""The form of a new token."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone


class ApiTokenForm(forms.Form):
    """A new token; a day given as its end is included."""

    label = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "Portfolio website", "autocomplete": "off"}),
    )
    expires_on = forms.DateField(
        label="Works until (optional)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_expires_on(self) -> datetime | None:
        """The end of that day."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError("This day is over. Choose today or later.")
        try:
            return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))
        except OverflowError:
            raise forms.ValidationError(
                "This day is too far away. Leave it empty for a token without an end."
            ) from None
