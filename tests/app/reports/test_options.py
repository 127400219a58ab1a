import pytest

from app.reports.options import ContactSheetOptions, Paper


def test_comes_back_from_a_row_as_it_was() -> None:
    chosen = ContactSheetOptions(paper=Paper.LETTER, columns=6, captions=False)
    assert ContactSheetOptions.of(chosen.to_dict()) == chosen
    assert ContactSheetOptions.of({}) == ContactSheetOptions()


def test_says_what_was_chosen() -> None:
    assert str(ContactSheetOptions()) == "A4, 4 columns, with file names"
    assert str(ContactSheetOptions(paper=Paper.LETTER, columns=3, captions=False)) == (
        "US Letter, 3 columns, without file names"
    )


@pytest.mark.parametrize("columns", [0, 2, 7, -1])
def test_columns_have_limits(columns: int) -> None:
    with pytest.raises(ValueError, match="3 to 6"):
        ContactSheetOptions(columns=columns)
