"""The form of a gallery."""

from django import forms

from app.galleries.models import Gallery


class GalleryForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A new gallery."""

    class Meta:
        model = Gallery
        fields = ["title", "event_date"]
        labels = {"event_date": "Date"}
        widgets = {
            "title": forms.TextInput(attrs={"placeholder": "Ada & Charles", "autocomplete": "off"}),
            "event_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
