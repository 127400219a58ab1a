"""Who may read what of the CDN's private paths: signed cookies for a whole prefix, signed URLs for one file.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
CloudFront verifies them with the public half of the key, without asking anyone, until they expire: nothing but
retiring the key takes one back, so make them as short-lived as the visit.
"""

import base64
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import Morsel
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponseBase
from django.utils.encoding import filepath_to_uri
from django.utils.http import content_disposition_header, http_date

from serverless.conf import conf
from serverless.storage.media import media_storage

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["MAX_EXPIRES_IN_S", "SignedCookies", "expire_cookies", "signed_cookies", "signed_url"]

# CloudFront sets no limit. This is S3's for presigned URLs: long enough for what nobody can revoke.
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
MAX_EXPIRES_IN_S: Final = 7 * 24 * 3600
# SHA-1, CloudFront's default, is broken for signatures; any other is named beside the signature.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-linux-openssl.html
_HASH_ALGORITHM: Final = "SHA256"
_COOKIES: Final = ("CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm")
# A wildcard in a name would widen the policy, and browsers turn a backslash into a slash.
_FORBIDDEN: Final = frozenset("*?\\")
# Of base64, what a query string gives another meaning to.
_URL_SAFE: Final = bytes.maketrans(b"+=/", b"-_~")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCookies:
    """Four cookies that open everything under ``path`` for ``max_age`` seconds."""

    policy: str
    signature: str
    key_pair_id: str
    hash_algorithm: str
    path: str
    max_age: int

    @property
    def query(self) -> str:
        """The same right for a program without cookies: the query of any address under ``path``."""
        return (
            f"Policy={self.policy}&Signature={self.signature}"
            f"&Key-Pair-Id={self.key_pair_id}&Hash-Algorithm={self.hash_algorithm}"
        )

    def set_on(self, response: HttpResponseBase) -> None:
        """Set the cookies. They go with requests for ``path`` only, so those of several prefixes do not meet."""
        values = (self.policy, self.signature, self.key_pair_id, self.hash_algorithm)
        for name, value in zip(_COOKIES, values, strict=True):
            response.set_cookie(
                name,
                value,
                max_age=self.max_age,
                path=self.path,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )


def signed_cookies(prefix: str, *, expires_in: int) -> SignedCookies:
    """Return cookies for everything under ``prefix``, for ``expires_in`` seconds from now.

    ``prefix`` is a part of what the media storage serves (``media/g1/``, never ``media/`` itself) and ends with a
    slash. Raises ValueError for any other, and ImproperlyConfigured without a usable key pair.
    """
    served = media_storage().served_prefix
    if not prefix.startswith(served) or prefix == served or not prefix.endswith("/"):
        raise ValueError(f"Cookies open a prefix below {served} that ends with a slash, not {prefix!r}.")
    path = _path(prefix)
    policy = _policy(f"{_site_url()}{path}*", expires=_expires(expires_in))
    return SignedCookies(
        policy=_encode(policy),
        signature=_sign(policy),
        key_pair_id=conf().media_key_pair_id,
        hash_algorithm=_HASH_ALGORITHM,
        path=path,
        max_age=expires_in,
    )


def expire_cookies(response: HttpResponseBase, prefix: str) -> None:
    """Have the browser forget the cookies for ``prefix``. Copies of them that somebody made are good until they end."""
    path = _path(prefix)
    for name in _COOKIES:
        gone: Morsel[str] = Morsel()
        gone.set(name, "", "")
        gone.update({"path": path, "max-age": "0", "expires": http_date(0), "samesite": "Lax"})
        # Django keeps one cookie a key, and those of several prefixes share their names.
        response.cookies[f"{name} {path}"] = gone


def signed_url(name: str, *, expires_in: int, filename: str = "") -> str:
    """Return the URL of one object, good for ``expires_in`` seconds from now.

    ``name`` lies under the media storage's ``served_prefix`` or one of its ``signed_prefixes``. With ``filename`` the
    browser saves the file under that name; without, it does what the object's own headers say. Raises ValueError for
    any other name, and ImproperlyConfigured without a usable key pair.
    """
    storage = media_storage()
    allowed = (storage.served_prefix, *storage.signed_prefixes)
    if not name.startswith(allowed) or name.endswith("/"):
        raise ValueError(f"The CDN signs objects under {', '.join(allowed)}, not {name!r}.")
    expires = _expires(expires_in)
    query = ""
    if filename:
        # In the query, not on the object: a photograph is stored once, and its owner may rename it later. CloudFront
        # passes this one parameter on, S3 makes it a header, and the signature covers it.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
        query = f"response-content-disposition={quote(_attachment(filename), safe='')}"
    url = f"{_site_url()}{_path(name)}"
    resource = f"{url}?{query}" if query else url
    signature = _sign(_policy(resource, expires=expires))
    own = f"{query}&" if query else ""
    return (
        f"{url}?{own}Expires={expires}&Signature={signature}"
        f"&Key-Pair-Id={conf().media_key_pair_id}&Hash-Algorithm={_HASH_ALGORITHM}"
    )


@lru_cache(maxsize=1)
def load_private_key(pem: str) -> "EllipticCurvePrivateKey | RSAPrivateKey":
    """Read a key of one of the two kinds that CloudFront takes: ECDSA P-256 or RSA-2048. Raises ImproperlyConfigured.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
    """
    # Here, not above: 27 ms of CPU, which only a function that signs should pay, and only once.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _unusable("is not a private key in PEM form without a password") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048:
        return key
    raise _unusable("is neither ECDSA P-256 nor RSA-2048, which are what CloudFront takes")


def _sign(policy: bytes) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    if not conf().media_key_pair_id:
        raise ImproperlyConfigured(
            'SERVERLESS["MEDIA_KEY_PAIR_ID"] is empty: set it to CloudFront\'s id of the public key.'
        )
    key = load_private_key(conf().media_private_key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _encode(key.sign(policy, ec.ECDSA(hashes.SHA256())))
    return _encode(key.sign(policy, padding.PKCS1v15(), hashes.SHA256()))


def _policy(resource: str, *, expires: int) -> bytes:
    """The statement, byte for byte as CloudFront builds it anew for a canned policy."""
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode("ascii")


def _path(name: str) -> str:
    """The path as ``MediaStorage.url`` writes it, since CloudFront compares what the browser sends."""
    if _FORBIDDEN & set(name) or not name.isprintable():
        raise ValueError(f"No asterisk, question mark, backslash or control character may be signed: {name!r}.")
    if any(segment in {"", ".", ".."} for segment in name.removesuffix("/").split("/")):
        raise ValueError(f"No empty or dotted segment may be signed: {name!r}.")
    return f"/{filepath_to_uri(name)}"


def _attachment(filename: str) -> str:
    if not filename.isprintable():
        raise ValueError(f"A file name holds printable characters only, not {filename!r}.")
    return content_disposition_header(True, filename) or "attachment"


def _expires(expires_in: int) -> int:
    if not 0 < expires_in <= MAX_EXPIRES_IN_S:
        raise ValueError(f"A signature lives from 1 to {MAX_EXPIRES_IN_S} seconds, not {expires_in}.")
    return int(time.time()) + expires_in


def _site_url() -> str:
    if not (site_url := conf().site_url):
        raise ImproperlyConfigured('SERVERLESS["SITE_URL"] is empty: signatures name the public address of the CDN.')
    return site_url


def _encode(data: bytes) -> str:
    return base64.b64encode(data).translate(_URL_SAFE).decode("ascii")


def _unusable(problem: str) -> ImproperlyConfigured:
    # Never with the value: it is a secret.
    return ImproperlyConfigured(f'SERVERLESS["MEDIA_PRIVATE_KEY"] {problem}.')
