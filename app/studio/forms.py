"""The forms of the studio's pages."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from app.galleries.models import Gallery, Photo, Section
from app.galleries.ordering import MOST_MOVED, SORT_ORDERS
from app.galleries.sections import MOST_SECTIONS


def _one_line(text: str) -> str:
    return " ".join(text.split())


class GallerySettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """What is known of a gallery, and how the client's pages look."""

    class Meta:
        model = Gallery
        fields = ["title", "event_date", "client", "theme"]
        labels = {"event_date": "Date", "theme": "Client’s pages"}  # noqa: RUF001  # an apostrophe
        widgets = {
            "title": forms.TextInput(attrs={"placeholder": "Ada & Charles", "autocomplete": "off"}),
            "event_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "client": forms.TextInput(attrs={"placeholder": "Ada Lovelace", "autocomplete": "off"}),
        }

    def clean_title(self) -> str:
        """One line, whatever was pasted."""
        return _one_line(self.cleaned_data["title"])

    def clean_client(self) -> str:
        """One line, whatever was pasted."""
        return _one_line(self.cleaned_data["client"])


class GalleryForm(GallerySettingsForm):
    """A new gallery in four fields."""

    sections = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"placeholder": "Getting ready, Ceremony, Party", "autocomplete": "off"}),
    )

    class Meta(GallerySettingsForm.Meta):
        fields = ["title", "event_date", "client"]

    def clean_sections(self) -> list[str]:
        """Titles between commas."""
        titles = [title for part in self.cleaned_data["sections"].split(",") if (title := _one_line(part))]
        longest = Section._meta.get_field("title").max_length or 0  # noqa: SLF001  # documented: Model _meta API
        if any(len(title) > longest for title in titles):
            raise ValidationError(f"A section’s title has {longest} characters at most.")  # noqa: RUF001
        if len(titles) > MOST_SECTIONS:
            raise ValidationError(f"A gallery holds {MOST_SECTIONS} sections at most.")
        return titles


class SectionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A section's title."""

    class Meta:
        model = Section
        fields = ["title"]

    def clean_title(self) -> str:
        """One line, whatever was pasted."""
        return _one_line(self.cleaned_data["title"])


class SortForm(forms.Form):
    """How to sort, and which section; none sorts them all."""

    by = forms.ChoiceField(choices=[(order, order) for order in SORT_ORDERS])
    section = forms.ModelChoiceField(queryset=Section.objects.none(), required=False)

    def __init__(self, *args: Any, gallery: Gallery, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].queryset = gallery.sections.all()  # type: ignore[attr-defined]  # a ModelChoiceField


class ArrangeForm(forms.Form):
    """What to do with which photos. Checkboxes send `photo` often; the page's script sends `photos`, between commas."""

    do = forms.ChoiceField(choices=[(do, do) for do in ("after", "start", "move", "first", "last", "cover", "delete")])
    section = forms.UUIDField(required=False)
    after = forms.UUIDField(required=False)
    sure = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Add `photos`, a list of ids."""
        cleaned = super().clean() or {}
        data = self.data
        texts = [*data.getlist("photo"), *filter(None, data.get("photos", "").split(","))]  # type: ignore[attr-defined]
        try:
            cleaned["photos"] = list(dict.fromkeys(uuid.UUID(text) for text in texts))
        except ValueError:
            raise ValidationError("One of these is no photo.") from None
        if not cleaned["photos"]:
            raise ValidationError("Choose a photo first.")
        if len(cleaned["photos"]) > MOST_MOVED:
            raise ValidationError(f"More than {MOST_MOVED} photos at once. Choose fewer.")
        if cleaned.get("do") == "after" and not cleaned.get("after"):
            raise ValidationError("Behind which photo?")
        return cleaned


class ShownAfter:
    """A photo's place in the order, as a page's address holds it; ValueError for anything else."""

    def __init__(self, gallery: Gallery, order_key: str) -> None:
        position, rank, pk = order_key.split("-", 2)
        if not (position.isascii() and position.isdigit() and rank.isascii() and rank.isdigit()):
            raise ValueError(order_key)
        if max(int(position), int(rank)) >= 2**31:
            raise ValueError(order_key)
        self.photo = Photo(gallery=gallery, pk=uuid.UUID(pk), section_position=int(position), rank=int(rank))
