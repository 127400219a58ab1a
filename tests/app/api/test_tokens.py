import base64
import re
import zlib

from app.api.tokens import is_well_formed, new_token, token_hash


def test_tokens_can_be_found_by_a_secret_scanner() -> None:
    token = new_token()
    assert re.fullmatch("loupe_[A-Za-z0-9_-]{49}", token)
    assert is_well_formed(token)
    assert new_token() != token


def test_any_single_typing_error_is_found() -> None:
    token = new_token()
    for position in range(len(token)):
        other = "x" if token[position] != "x" else "y"
        assert not is_well_formed(token[:position] + other + token[position + 1 :])
    for wrong in ("", "loupe_", token[:-1], token + "A", token + "\n", " " + token, token.upper(), "é" * 55, "\0"):
        assert not is_well_formed(wrong)


def test_the_checksum_is_that_of_the_secret() -> None:
    # Known by its definition, so that tokens in use stay valid: CRC32 of the 43 characters, in URL-safe base64.
    secret = "A" * 43
    suffix = base64.urlsafe_b64encode(zlib.crc32(secret.encode()).to_bytes(4)).decode()[:6]
    assert is_well_formed(f"loupe_{secret}{suffix}")


def test_the_hash_is_sha256_in_hex() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
