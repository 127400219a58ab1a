"""PINs and passwords of share links: how they are made, kept and compared.

A PIN is so short that no slow hash protects it: whoever reads the table tries all of them in a minute. It is kept as
an HMAC under SECRET_KEY, which does not lie in the database. A password may be good enough to withstand that and must
not depend on SECRET_KEY: scrypt. Guessing at the door is bounded elsewhere, in `tries`.
"""

import re
import secrets
import unicodedata
from enum import StrEnum
from itertools import pairwise
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.utils.crypto import constant_time_compare, salted_hmac

__all__ = ["Kind", "cleaned", "fingerprint", "hashed", "is_guessed_first", "is_right", "kind_of", "new_pin", "renewed"]

SHORTEST_PIN, LONGEST_PIN, MADE_PIN = 4, 8, 6
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128


class Kind(StrEnum):
    """What a link asks for before it opens."""

    NONE = ""
    PIN = "pin"
    PASSWORD = "password"  # noqa: S105  # a name


class _LinkScrypt(ScryptPasswordHasher):
    """Django's scrypt with one lane of five: 40 ms of CPU and 16 MB where Django's PBKDF2 takes 373 ms.

    `python -m benchmarks unlock` measures it; the limit for an unlock is 60 ms.
    """

    parallelism = 1


_SCRYPT: Final = _LinkScrypt()


def new_pin() -> str:
    """Make a PIN that people do not choose."""
    while is_guessed_first(pin := f"{secrets.randbelow(10**MADE_PIN):0{MADE_PIN}}"):
        pass
    return pin


def cleaned(kind: Kind, text: str) -> str:
    """What was meant: without what phones and keyboards add, and with one spelling for each character."""
    text = unicodedata.normalize("NFKC", text).strip()
    return re.sub(r"[\s-]", "", text) if kind is Kind.PIN else text


def is_guessed_first(pin: str) -> bool:
    """Whether a thief would try it among the first: 0000, 1212, 1234, 8765."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(set(pin)) == 1 or steps in ({1}, {9}) or (len(pin) % 2 == 0 and pin == pin[:2] * (len(pin) // 2))


def hashed(kind: Kind, secret: str) -> str:
    """The only form in which a PIN or password is kept; empty for no lock. `secret` is cleaned."""
    if kind is Kind.NONE:
        return ""
    salt = secrets.token_urlsafe(16)
    if kind is Kind.PIN:
        return _pin_lock(secret, salt=salt, key=settings.SECRET_KEY)
    return str(_SCRYPT.encode(secret, salt))


def kind_of(lock: str) -> Kind:
    """What kind of lock this is."""
    return {"": Kind.NONE, "pin": Kind.PIN}.get(lock.partition("$")[0], Kind.PASSWORD)


def is_right(secret: str, lock: str) -> bool:
    """Compare in constant time. A PIN may have been kept under an earlier SECRET_KEY that is still a fallback."""
    if kind_of(lock) is Kind.PASSWORD:
        return bool(_SCRYPT.verify(secret, lock))
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_pin_lock(secret, salt=_salt(lock), key=key), lock) for key in keys)


def renewed(secret: str, lock: str) -> str:
    """The lock under today's SECRET_KEY, for a secret that is right. Its fingerprint stays the same."""
    if kind_of(lock) is Kind.PASSWORD:
        return lock
    return _pin_lock(secret, salt=_salt(lock), key=settings.SECRET_KEY)


def fingerprint(lock: str) -> str:
    """What changes with every new PIN or password, and with nothing else."""
    return lock.rpartition("$")[0]


def _salt(lock: str) -> str:
    return lock.split("$")[1]


def _pin_lock(pin: str, *, salt: str, key: str) -> str:
    mac = salted_hmac(f"app.sharing.pin:{salt}", pin, secret=key, algorithm="sha256").hexdigest()
    return f"pin${salt}${mac}"
