"""Signed cookies and signed URLs, verified as CloudFront documents it, with public keys alone.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
Where two paths fit, a viewer sends a cookie twice, the one of the longer path first. The first counts here; what
CloudFront does is not documented, so give no viewer cookies for a path below another of theirs.
"""

import base64
import ipaddress
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

type PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_OWN: Final = ("Policy", "Expires", "Signature", "Key-Pair-Id", "Hash-Algorithm")
# With any of these in the query, cookies are not looked at:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html
_OF_A_URL: Final = frozenset(_OWN[:4])
_HASHES: Final[Mapping[str, type[hashes.SHA1 | hashes.SHA256]]] = {
    "": hashes.SHA1,
    "SHA1": hashes.SHA1,
    "SHA256": hashes.SHA256,
}
_BASE64: Final = str.maketrans("-_~", "+=/")


class Refused(Exception):
    """403. `code` and the message are CloudFront's, as far as AWS documents them:

    https://repost.aws/knowledge-center/cloudfront-troubleshoot-signed-url-cookies
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """What of a request decides: `base` is scheme, host and path as sent, `query` the part after the question mark."""

    base: str
    query: str
    cookies: tuple[str, ...]  # the Cookie headers
    address: str


def without_signature(query: str) -> str:
    """The query as the origin and the cache see it."""
    return "&".join(pair for pair in query.split("&") if pair and pair.partition("=")[0] not in _OWN)


def verify(viewer: Viewer, keys: Mapping[str, PublicKey]) -> None:
    """Return if one of `keys` vouches for this request, now. Raises Refused."""
    given = _given(viewer)
    if not (key_id := given.get("Key-Pair-Id")):
        raise Refused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    if (key := keys.get(key_id)) is None:
        raise Refused("InvalidKey", "Unknown Key")
    url = "?".join(part for part in (viewer.base, without_signature(viewer.query)) if part)
    policy = _policy(given, url)
    # The signature first: nothing else in a policy is worth reading before it.
    _check_signature(key, given.get("Signature", ""), policy, given.get("Hash-Algorithm", ""))
    resource, condition = _statement(policy)
    if "Policy" in given and resource is not None and not _matches(resource, url):
        raise _denied()
    _check_condition(condition, viewer.address)


def _given(viewer: Viewer) -> dict[str, str]:
    query = _first(pair.partition("=") for pair in viewer.query.split("&"))
    if _OF_A_URL & query.keys():
        return {name: query[name] for name in _OWN if name in query}
    pairs = (part.strip().partition("=") for header in viewer.cookies for part in header.split(";"))
    cookies = _first(pairs)
    return {name: cookies[f"CloudFront-{name}"] for name in _OWN if f"CloudFront-{name}" in cookies}


def _first(pairs: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, _, value in pairs:
        found.setdefault(name, value)
    return found


def _policy(given: Mapping[str, str], url: str) -> bytes:
    """The signed bytes: the custom policy that was sent, or the canned one that the URL and its end stand for."""
    if "Policy" in given:
        return _decode(given["Policy"], Refused("MalformedPolicy", "Malformed Policy"))
    if not re.fullmatch(r"[0-9]{1,10}", given.get("Expires", "")):
        raise _denied()
    statement = f'{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{given["Expires"]}}}}}}}'
    return f'{{"Statement":[{statement}]}}'.encode()


def _check_signature(key: PublicKey, signature: str, policy: bytes, algorithm: str) -> None:
    if (hashed := _HASHES.get(algorithm)) is None:
        raise _denied()
    raw = _decode(signature, _denied())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, policy, padding.PKCS1v15(), hashed())
        else:
            key.verify(raw, policy, ec.ECDSA(hashed()))
    except InvalidSignature:
        raise _denied() from None


def _statement(policy: bytes) -> tuple[str | None, dict[str, Any]]:
    """Resource and conditions. A policy without a resource opens everything that the key opens."""
    try:
        document = json.loads(policy)
        (statement,) = document["Statement"]
        resource, condition = statement.get("Resource"), statement["Condition"]
        known = document.keys() <= {"Statement"} and statement.keys() <= {"Resource", "Condition"}
        names = condition.keys() <= {"DateLessThan", "DateGreaterThan", "IpAddress"} and "DateLessThan" in condition
        if known and names and (resource is None or isinstance(resource, str)):
            return resource, condition
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise Refused("MalformedPolicy", "Malformed Policy")


def _check_condition(condition: Mapping[str, Any], address: str) -> None:
    now = time.time()
    try:
        ended = now >= _epoch(condition["DateLessThan"])
        early = "DateGreaterThan" in condition and now <= _epoch(condition["DateGreaterThan"])
        elsewhere = "IpAddress" in condition and not _within(condition["IpAddress"]["AWS:SourceIp"], address)
    except (ValueError, KeyError, TypeError):
        raise Refused("MalformedPolicy", "Malformed Policy") from None
    if ended or early or elsewhere:
        raise _denied()


def _epoch(bound: Mapping[str, Any]) -> int:
    if type(seconds := bound["AWS:EpochTime"]) is not int:  # in quotation marks it is refused
        raise TypeError(seconds)
    return seconds


def _within(network: str, address: str) -> bool:
    """IPv4 only: CloudFront knows no restriction to IPv6 addresses, so a viewer with one is always outside."""
    return ipaddress.ip_address(address) in ipaddress.IPv4Network(network, strict=False)


def _matches(resource: str, url: str) -> bool:
    """`*` is any number of characters, a slash and a question mark included, and `?` exactly one."""
    wild = {"*": ".*", "?": "."}
    # Stars in a row would make the search slow and mean the same.
    pattern = "".join(wild.get(character) or re.escape(character) for character in re.sub(r"\*+", "*", resource))
    return re.fullmatch(pattern, url, re.DOTALL) is not None


def _decode(text: str, problem: Refused) -> bytes:
    try:
        return base64.b64decode(text.translate(_BASE64), validate=True)
    except ValueError:
        raise problem from None


def _denied() -> Refused:
    return Refused("AccessDenied", "Access denied")
