import re

import pytest
from pytest_django.fixtures import Settings

from app.sharing.locks import Kind, cleaned, fingerprint, hashed, is_guessed_first, is_right, kind_of, new_pin, renewed


@pytest.mark.parametrize(("kind", "secret"), [(Kind.PIN, "4829"), (Kind.PASSWORD, "sechs Schwäne")])
def test_lock_keeps_no_secret_and_knows_it_again(kind: Kind, secret: str) -> None:
    lock, again = hashed(kind, secret), hashed(kind, secret)
    assert secret not in lock
    assert lock != again  # of two links with the same PIN nobody can tell
    assert len(lock) <= 200
    assert kind_of(lock) is kind
    assert is_right(secret, lock)
    for wrong in ("", "4820", "sechs Schwane", secret + "0", secret[:-1]):
        assert not is_right(wrong, lock)


def test_no_lock_is_empty() -> None:
    assert hashed(Kind.NONE, "anything") == ""
    assert kind_of("") is Kind.NONE


def test_pin_follows_the_rotation_of_the_secret_key(settings: Settings) -> None:
    old = settings.SECRET_KEY
    lock = hashed(Kind.PIN, "4829")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [old]
    assert is_right("4829", lock)
    fresh = renewed("4829", lock)
    assert fresh != lock
    assert fingerprint(fresh) == fingerprint(lock)
    settings.SECRET_KEY_FALLBACKS = []
    assert is_right("4829", fresh)
    assert not is_right("4829", lock)
    assert renewed("4829", fresh) == fresh


def test_password_does_not_depend_on_the_secret_key(settings: Settings) -> None:
    lock = hashed(Kind.PASSWORD, "seventeen swans")
    settings.SECRET_KEY = "new"
    assert is_right("seventeen swans", lock)
    assert renewed("seventeen swans", lock) == lock


def test_new_pins_have_six_digits_and_differ() -> None:
    pins = {new_pin() for _ in range(50)}
    assert all(re.fullmatch("[0-9]{6}", pin) for pin in pins)
    assert len(pins) > 45


def test_what_keyboards_add_is_taken_out() -> None:
    assert cleaned(Kind.PIN, " 482 913\n") == "482913"
    assert cleaned(Kind.PIN, "\uff14\uff18\uff12-913") == "482913"
    assert cleaned(Kind.PASSWORD, " a b-c\u00a0 ") == "a b-c"
    assert cleaned(Kind.PASSWORD, "u\u0308ber") == "über"


@pytest.mark.parametrize("pin", ["0000", "99999999", "1234", "890123", "4321", "1212", "484848"])
def test_pins_that_are_guessed_first(pin: str) -> None:
    assert is_guessed_first(pin)


@pytest.mark.parametrize("pin", ["4829", "1122", "1357", "12121", "135790"])
def test_pins_that_are_not(pin: str) -> None:
    assert not is_guessed_first(pin)
