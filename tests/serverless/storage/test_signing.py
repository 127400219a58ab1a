"""Signatures read back with the public key alone, as CloudFront does."""

import base64
import datetime as dt
import json
import os
import subprocess
import sys
import time
from http.cookies import Morsel
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from pytest_django.fixtures import Settings

from serverless.storage import SignedCookies, expire_cookies, signed_cookies, signed_url
from serverless.storage.checks import check_key_pair
from serverless.storage.signing import MAX_EXPIRES_IN_S
from tests.settings.test_production import COMPLETE


def pem(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def decode(text: str) -> bytes:
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)


def policy(cookies: SignedCookies) -> dict[str, Any]:
    return dict(json.loads(decode(cookies.policy))["Statement"][0])


def verify(signature: str, policy: bytes, settings: Settings) -> None:
    key = load_pem_private_key(settings.SERVERLESS["MEDIA_PRIVATE_KEY"].encode(), password=None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        key.public_key().verify(decode(signature), policy, ec.ECDSA(hashes.SHA256()))
    else:
        assert isinstance(key, rsa.RSAPrivateKey)
        key.public_key().verify(decode(signature), policy, padding.PKCS1v15(), hashes.SHA256())


def test_cookies_open_one_prefix_until_a_time(settings: Settings) -> None:
    before = int(time.time())
    cookies = signed_cookies("media/studio/é gallery/", expires_in=600)
    statement = policy(cookies)
    assert statement["Resource"] == "http://testserver/media/studio/%C3%A9%20gallery/*"
    assert list(statement["Condition"]) == ["DateLessThan"]
    assert 0 <= statement["Condition"]["DateLessThan"]["AWS:EpochTime"] - before - 600 <= 2
    assert (cookies.path, cookies.max_age) == ("/media/studio/%C3%A9%20gallery/", 600)
    assert (cookies.key_pair_id, cookies.hash_algorithm) == ("KTESTS", "SHA256")
    verify(cookies.signature, decode(cookies.policy), settings)
    with pytest.raises(InvalidSignature):
        verify(cookies.signature, decode(cookies.policy) + b" ", settings)


@pytest.mark.parametrize("secure", [True, False])
def test_the_response_carries_four_cookies_for_that_path_alone(settings: Settings, secure: bool) -> None:
    settings.SESSION_COOKIE_SECURE = secure
    cookies = signed_cookies("media/g1/", expires_in=60)
    response = HttpResponse()
    cookies.set_on(response)
    assert {name: morsel.value for name, morsel in response.cookies.items()} == {
        "CloudFront-Policy": cookies.policy,
        "CloudFront-Signature": cookies.signature,
        "CloudFront-Key-Pair-Id": "KTESTS",
        "CloudFront-Hash-Algorithm": "SHA256",
    }
    kept: Morsel[str]
    for kept in response.cookies.values():
        assert (kept["path"], kept["max-age"], kept["httponly"]) == ("/media/g1/", 60, True)
        assert (bool(kept["secure"]), kept["samesite"], kept["domain"]) == (secure, "Lax", "")
        assert '"' not in kept.OutputString()  # quoted values would not be read as CloudFront reads cookies


def test_cookies_of_several_prefixes_expire_in_one_response() -> None:
    response = HttpResponse()
    for prefix in ("media/g1/", "media/g2/"):
        expire_cookies(response, prefix)
    lines = [morsel.OutputString() for morsel in response.cookies.values()]
    assert lines[0] == (
        "CloudFront-Policy=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/media/g1/; SameSite=Lax"
    )
    assert len(set(lines)) == 8
    with pytest.raises(ValueError, match="may be signed"):
        expire_cookies(response, "media/../")


@pytest.mark.parametrize(
    "prefix",
    ["", "media/", "media", "media/g1", "/media/g1/", "originals/g1/", "incoming/", "mediator/g1/", "media/*/",
     "media/g?/", "media/../originals/", "media/g1/../", "media/./g1/", "media//g1/", "media/g1//",
     "media/g1\\..\\g2/", "media/g\n1/"],
)  # fmt: skip
def test_no_cookie_opens_more_than_a_prefix_of_what_is_served(prefix: str) -> None:
    with pytest.raises(ValueError, match=r"prefix below media/|may be signed"):
        signed_cookies(prefix, expires_in=60)


def test_a_url_opens_one_object(settings: Settings) -> None:
    url = signed_url("originals/s/g/ä b+c.jpg", expires_in=60)
    base, _, query = url.partition("?")
    assert base == "http://testserver/originals/s/g/%C3%A4%20b%2Bc.jpg"
    assert [pair.partition("=")[0] for pair in query.split("&")] == [
        "Expires", "Signature", "Key-Pair-Id", "Hash-Algorithm",
    ]  # fmt: skip
    given = {name: values[0] for name, values in parse_qs(query).items()}
    assert 0 <= int(given["Expires"]) - time.time() <= 61
    canned = '{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%s}}}]}'
    verify(given["Signature"], (canned % (base, given["Expires"])).encode(), settings)


def test_the_name_to_save_under_is_signed_with_it(settings: Settings) -> None:
    url = signed_url("originals/s/g/p.jpg", expires_in=60, filename='Ä "one"; two.jpg')
    resource, found, rest = url.partition("&Expires=")
    assert found
    disposition = unquote(urlsplit(resource).query.removeprefix("response-content-disposition="))
    assert disposition == "attachment; filename*=utf-8''%C3%84%20%22one%22%3B%20two.jpg"
    expires, _, rest = rest.partition("&Signature=")
    canned = {"Statement": [{"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": int(expires)}}}]}
    verify(rest.partition("&")[0], json.dumps(canned, separators=(",", ":")).encode(), settings)


@pytest.mark.parametrize(
    "name",
    ["incoming/s/p", "originals", "originals/", "/originals/s/p", "static/x.css", "originals/*", "originals/a?b",
     "media/../x", "originals/../incoming/p", "originals/./p", "originals//p", "originals/a\\b", "originals/a\tb"],
)  # fmt: skip
def test_no_url_opens_what_the_cdn_does_not_serve(name: str) -> None:
    with pytest.raises(ValueError, match=r"signs objects under media/, originals/, reports/|may be signed"):
        signed_url(name, expires_in=60)


def test_a_file_name_brings_no_header_of_its_own() -> None:
    with pytest.raises(ValueError, match="printable"):
        signed_url("originals/p.jpg", expires_in=60, filename="a\r\nSet-Cookie: b.jpg")


@pytest.mark.parametrize("expires_in", [0, -1, MAX_EXPIRES_IN_S + 1])
def test_lifetimes_are_bounded(expires_in: int) -> None:
    with pytest.raises(ValueError, match="lives from 1 to 604800 seconds"):
        signed_cookies("media/g1/", expires_in=expires_in)
    with pytest.raises(ValueError, match="lives from 1 to 604800 seconds"):
        signed_url("originals/p", expires_in=expires_in)


def test_botocore_writes_the_same_policies_for_an_rsa_key(settings: Settings) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.SERVERLESS = settings.SERVERLESS | {"MEDIA_PRIVATE_KEY": pem(key)}
    signed: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    signer = CloudFrontSigner("KTESTS", sign)
    ours = signed_url("originals/s/ä.jpg", expires_in=60)
    base, _, query = ours.partition("?")
    until = dt.datetime.fromtimestamp(int(parse_qs(query)["Expires"][0]), dt.UTC)
    assert ours == signer.generate_presigned_url(base, date_less_than=until) + "&Hash-Algorithm=SHA256"

    cookies = signed_cookies("media/g1/", expires_in=60)
    epoch = policy(cookies)["Condition"]["DateLessThan"]["AWS:EpochTime"]
    until = dt.datetime.fromtimestamp(epoch, dt.UTC)
    theirs = signer.build_policy("http://testserver/media/g1/*", until)
    assert decode(cookies.policy) == theirs.encode()
    assert decode(cookies.signature) == sign(theirs.encode())  # RSA with PKCS #1 v1.5 has one signature a message


@pytest.mark.parametrize("missing", ["SITE_URL", "MEDIA_KEY_PAIR_ID"])
def test_what_is_missing_is_named(settings: Settings, missing: str) -> None:
    settings.SERVERLESS = settings.SERVERLESS | {missing: ""}
    with pytest.raises(ImproperlyConfigured, match=missing):
        signed_cookies("media/g1/", expires_in=60)
    assert [(error.id, missing in error.msg) for error in check_key_pair()] == [("serverless.E011", True)]


@pytest.mark.parametrize(
    "key",
    ["", "hunter2", pem(ec.generate_private_key(ec.SECP384R1())), pem(ec.generate_private_key(ec.SECP256R1()))[:-40],
     pem(rsa.generate_private_key(public_exponent=65537, key_size=3072))],
    ids=["empty", "text", "P-384", "cut", "RSA-3072"],
)  # fmt: skip
def test_a_key_that_cloudfront_would_not_take_is_refused_without_showing_it(settings: Settings, key: str) -> None:
    settings.SERVERLESS = settings.SERVERLESS | {"MEDIA_PRIVATE_KEY": key}
    with pytest.raises(ImproperlyConfigured, match="MEDIA_PRIVATE_KEY") as raised:
        signed_url("originals/p", expires_in=60)
    messages = [str(raised.value), *(error.msg for error in check_key_pair())]
    assert len(messages) == 2
    assert not key or not any(key[30:60] in message for message in messages if key[30:60])


def test_a_usable_key_pair_passes_the_check() -> None:
    assert check_key_pair() == []


def test_cryptography_is_loaded_by_the_first_signature_and_boto3_by_none() -> None:
    script = """
import sys
import django
django.setup()
from serverless.storage import signed_cookies
before = "cryptography" in sys.modules
signed_cookies("media/g1/", expires_in=60)
print(before, "cryptography" in sys.modules, "botocore" in sys.modules)
"""
    environ = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "settings.production", **COMPLETE}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True", "False"], done.stderr
