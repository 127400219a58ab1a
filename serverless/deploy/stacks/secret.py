"""The app secret: what CloudFormation cannot make of it is made here, once, and what is there stays.

Nothing here prints or logs a value; nothing but the public half of a key and the origin secret leaves, for ``edge``.
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import explained
from serverless.deploy.stacks.exceptions import StackRefused

__all__ = ["EARLIER", "EdgeSecrets", "complete", "new_private_key", "public_half", "read"]

_SECRET_KEY: Final = "SECRET_KEY"  # noqa: S105 - names of keys
_ORIGIN_SECRETS: Final = "ORIGIN_SECRETS"
_MEDIA_PRIVATE_KEY: Final = "MEDIA_PRIVATE_KEY"
# Secrets Manager keeps the version before the last one.
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
EARLIER: Final = "`aws secretsmanager get-secret-value --version-stage AWSPREVIOUS"
# 256 bits each.
_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSecrets:
    """What CloudFront has to know."""

    origin_secret: str = field(repr=False)
    """The first of ORIGIN_SECRETS. Functions take each of them, CloudFront sends one."""
    rotating: bool
    """Whether there are several, and CloudFront may be sending another than the first."""
    media_public_key: str
    """PEM."""


def complete(arn: str, *, region: str, edge_exists: bool) -> tuple[EdgeSecrets, tuple[str, ...]]:
    """Add what the secret lacks; return what the edge needs, and the names of what was added.

    Raises AwsRefused, and StackRefused where the secret holds something else than a JSON object of texts, or where a
    new key would not be the one that an edge verifies with.
    """
    client = aws.client("secretsmanager", region=region)
    held = _held(client, arn, edge_exists=edge_exists)
    added = {key: value() for key, value in _MADE.items() if not held.get(key, "").strip()}
    if added:
        held |= added
        with explained("Completing the app secret"):
            client.put_secret_value(SecretId=arn, SecretString=json.dumps(held))
    return _for_edge(held, arn), tuple(added)


def read(arn: str, *, region: str, edge_exists: bool) -> EdgeSecrets | None:
    """Return what the edge needs, without changing anything; None while the secret is incomplete."""
    held = _held(aws.client("secretsmanager", region=region), arn, edge_exists=edge_exists)
    return _for_edge(held, arn) if all(held.get(key, "").strip() for key in _MADE) else None


def _held(client: Any, arn: str, *, edge_exists: bool) -> dict[str, str]:
    with explained("Reading the app secret"):
        held = _parse(client.get_secret_value(SecretId=arn)["SecretString"], arn)
    if edge_exists and not held.get(_MEDIA_PRIVATE_KEY, "").strip():
        raise StackRefused(
            f"The app secret has lost its {_MEDIA_PRIVATE_KEY}, and a new one would not fit the public half that "
            "CloudFront has. Put it back, from the secret's replica or an earlier version: "
            f"{EARLIER} --secret-id {arn}`."
        )
    return held


def _parse(text: str, arn: str) -> dict[str, str]:
    try:
        held = json.loads(text)
    except ValueError:
        held = None
    if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
        raise StackRefused(
            f"The app secret {arn} is not a JSON object of texts, so that nothing is added to it. Correct it: "
            f"`aws secretsmanager get-secret-value --secret-id {arn}` shows it."
        )
    return held


def _for_edge(held: dict[str, str], arn: str) -> EdgeSecrets:
    first, *others = (value.strip() for value in held[_ORIGIN_SECRETS].split(","))
    return EdgeSecrets(
        origin_secret=first, rotating=bool(others), media_public_key=public_half(held[_MEDIA_PRIVATE_KEY], arn)
    )


def new_private_key() -> str:
    """Make an ECDSA P-256 key, which CloudFront takes beside RSA: signatures of 64 bytes, made 20 times as fast.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
    """
    # Here and below: most commands need no cryptography, which takes 40 ms to import.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()


def public_half(pem: str, arn: str) -> str:
    """Return the public half of a private key of the app secret ``arn``, in PEM form. Raises StackRefused."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        private = serialization.load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The exception of cryptography may quote the key.
        raise StackRefused(
            f"{_MEDIA_PRIVATE_KEY} in the app secret is no private key in PEM form. Put the right one back, from an "
            f"earlier version: {EARLIER} --secret-id {arn}`."
        ) from None
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()


_MADE: Final = {
    _SECRET_KEY: lambda: secrets.token_urlsafe(_BYTES * 2),
    _ORIGIN_SECRETS: lambda: secrets.token_urlsafe(_BYTES),
    _MEDIA_PRIVATE_KEY: new_private_key,
}
