from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from serverless.emulator import keys
from serverless.emulator.exceptions import StateUnusable


def sign(private: str) -> bytes:
    key = load_pem_private_key(private.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    return key.sign(b"policy", ec.ECDSA(hashes.SHA256()))


def opens(state: Path, key_id: str, signature: bytes) -> None:
    key = keys.trusted(state)[key_id]
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, b"policy", ec.ECDSA(hashes.SHA256()))


def test_a_pair_is_made_once_and_its_private_half_is_the_owners(tmp_path: Path) -> None:
    first, second = keys.current(tmp_path), keys.current(tmp_path)
    assert first == second
    assert first.id.startswith("K")
    assert len(first.id) == 14
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "private.pem").stat().st_mode & 0o777 == 0o600
    assert first.private not in repr(first)
    opens(tmp_path, first.id, sign(first.private))


def test_rotation_keeps_the_old_signatures_good_until_their_key_is_taken_away(tmp_path: Path) -> None:
    old = keys.current(tmp_path)
    (tmp_path / "keys" / "private.pem").unlink()
    new = keys.current(tmp_path)
    assert new.id != old.id
    assert keys.trusted(tmp_path).keys() == {old.id, new.id}
    opens(tmp_path, old.id, sign(old.private))
    opens(tmp_path, new.id, sign(new.private))
    (tmp_path / "keys" / f"{old.id}.pem").unlink()
    assert keys.trusted(tmp_path).keys() == {new.id}


def test_a_key_that_a_full_disk_left_empty_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "private.pem").touch()
    assert keys.trusted(tmp_path) == {}
    assert keys.current(tmp_path).private


@pytest.mark.parametrize("text", ["nonsense", "ä", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_cannot_be_read_names_the_directory(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "private.pem").write_text(text)
    with pytest.raises(StateUnusable, match="choose another with --state-dir"):
        keys.current(tmp_path)


def test_a_trusted_key_that_is_none_is_named(tmp_path: Path) -> None:
    keys.current(tmp_path)
    path = tmp_path / "keys" / "KOTHER.pem"
    path.write_text("nonsense")
    with pytest.raises(StateUnusable, match=r"KOTHER\.pem"):
        keys.trusted(tmp_path)
    other = ed25519.Ed25519PrivateKey.generate().public_key()
    path.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(StateUnusable, match="ECDSA P-256 and RSA-2048 keys only"):
        keys.trusted(tmp_path)
