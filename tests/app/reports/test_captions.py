import pytest

from app.reports.captions import caption, printable, shortened

LATIN = frozenset(range(32, 0x250))


@pytest.mark.parametrize(
    ("name", "most", "shown"),
    [
        ("a.jpg", 10, "a.jpg"),
        ("exactly-10", 10, "exactly-10"),
        ("one-longer!", 10, "one-l…ger!"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, "…"),
    ],
)
def test_long_names_keep_their_beginning_and_end(name: str, most: int, shown: str) -> None:
    assert shortened(name, fits=lambda text: len(text) <= most) == shown


def test_a_name_that_can_be_printed_is_left_alone() -> None:
    found = caption("Überlingen.jpg", number=7, glyphs=LATIN, fits=lambda _: True)
    assert (found.text, found.noted) == ("Überlingen.jpg", False)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("写真_12.jpg", "7: ??_12.jpg *"), ("שלום.jpg", "7: ????.jpg *"), ("📷.jpg", "7: ?.jpg *"), ("写", "7: ? *")],
)
def test_a_name_that_cannot_gets_its_number_and_a_note(name: str, shown: str) -> None:
    found = caption(name, number=7, glyphs=LATIN, fits=lambda _: True)
    assert (found.text, found.noted) == (shown, True)


def test_a_question_mark_of_its_own_is_no_reason_for_a_note() -> None:
    assert not caption("why?.jpg", number=1, glyphs=LATIN, fits=lambda _: True).noted
    assert printable("why?", glyphs=LATIN) == "why?"
