"""The key pair behind signed cookies and URLs: functions get the private half, the CDN trusts the public ones.

`keys/private.pem` signs. Each `keys/ID.pem` is trusted. Delete the private one, and the next start makes a new pair
beside the public half of the old, whose signatures stay good until that file is deleted too: a rotation.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from serverless.emulator.exceptions import StateUnusable
from serverless.emulator.files import write_private

_FOLDER: Final = "keys"
_PRIVATE: Final = "private.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """`private`: PKCS #8 in PEM form. `id`: as CloudFront's look, and always the same for the same key."""

    id: str
    private: str = field(repr=False)


def current(state_dir: Path) -> KeyPair:
    """The pair that signs, made where there is none, its public half trusted. Raises StateUnusable."""
    folder = state_dir / _FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        text = _kept(folder / _PRIVATE) or _made(folder / _PRIVATE)
        public = load_pem_private_key(text.encode(), password=None).public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key_id = "K" + base64.b32encode(hashlib.sha256(der).digest()).decode()[:13]
        write_private(
            folder / f"{key_id}.pem", public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )
    except (OSError, ValueError) as problem:
        raise StateUnusable(folder, str(problem)) from problem
    return KeyPair(id=key_id, private=text)


def trusted(state_dir: Path) -> Mapping[str, ec.EllipticCurvePublicKey | rsa.RSAPublicKey]:
    """The key group: every public key there, by id. Raises StateUnusable."""
    group: dict[str, ec.EllipticCurvePublicKey | rsa.RSAPublicKey] = {}
    for path in sorted((state_dir / _FOLDER).glob("*.pem")):
        if path.name == _PRIVATE:
            continue
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm) as problem:
            raise StateUnusable(path, str(problem)) from problem
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise StateUnusable(path, "CloudFront takes ECDSA P-256 and RSA-2048 keys only")
        group[path.stem] = key
    return group


def _kept(path: Path) -> str:
    return path.read_text("ascii") if path.exists() else ""  # empty where a full disk took the rest


def _made(path: Path) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    write_private(path, text)
    return text
