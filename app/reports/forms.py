"""The form of a new contact sheet."""

from django import forms

from app.reports.options import FEWEST_COLUMNS, MOST_COLUMNS, ContactSheetOptions, Paper


class ContactSheetForm(forms.Form):
    """What can be chosen; `options` holds it once the form is valid."""

    paper = forms.TypedChoiceField(choices=Paper.choices, coerce=Paper, initial=Paper.A4)
    columns = forms.TypedChoiceField(
        label="Photos in a row",
        choices=[(n, str(n)) for n in range(FEWEST_COLUMNS, MOST_COLUMNS + 1)],
        coerce=int,
        initial=4,
    )
    captions = forms.BooleanField(label="Print the file names", required=False, initial=True)

    @property
    def options(self) -> ContactSheetOptions:
        """The choice."""
        return ContactSheetOptions(**self.cleaned_data)
