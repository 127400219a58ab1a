import pytest

from app.sharing.forms import LONGEST_MESSAGE, LockForm, ShareLinkForm
from app.sharing.locks import Kind, new_pin


def test_pin_is_made_where_none_is_chosen() -> None:
    form = LockForm({"lock": "pin", "secret": " "})
    assert form.is_valid()
    assert len(form.cleaned_data["secret"]) == len(new_pin()) == 6


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [("pin", "48 29", "4829"), ("password", " seven swans ", "seven swans"), ("", "left over", ""), (None, "", "")],
)
def test_secret_is_kept_as_it_is_compared(kind: str | None, typed: str, kept: str) -> None:
    form = LockForm({"secret": typed} | ({"lock": kind} if kind is not None else {}))
    assert form.is_valid()
    assert form.cleaned_data["lock"] is Kind(kind or "")
    assert form.cleaned_data["secret"] == kept


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("pin", "123"), ("pin", "1234"), ("pin", "123456789"), ("pin", "48a9"), ("pin", "٤٨٢٩"), ("pin", "0000"),
        ("password", ""), ("password", "short"), ("password", "password123"), ("password", "x" * 129),
        ("retina", "x"), ("password", "nul\0byte"),
    ],
)  # fmt: skip
def test_bad_locks_are_refused(kind: str, secret: str) -> None:
    assert not LockForm({"lock": kind, "secret": secret}).is_valid()


def test_message_keeps_its_lines_and_loses_disguises() -> None:
    form = ShareLinkForm({"label": "x", "message": "Dear  A,\r\n\r\nlook \u202eevil\u2066 here\n\n"})
    assert form.is_valid()
    assert form.cleaned_data["message"] == "Dear A,\n\nlook evil here"
    assert not ShareLinkForm({"label": "x", "message": "x" * (LONGEST_MESSAGE + 1)}).is_valid()


def test_secret_does_not_travel_with_the_link() -> None:
    form = ShareLinkForm({"label": "x", "lock": "pin", "secret": "4829", "message": "The PIN is 4829."})
    assert not form.is_valid()
    assert list(form.errors) == ["message"]
