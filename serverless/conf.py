"""``settings.SERVERLESS``: what this package reads of the project's settings, checked and typed."""

from dataclasses import dataclass, field, fields
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

__all__ = ["Conf", "conf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conf:
    """The keys of ``settings.SERVERLESS``, in lower case. Each has a default; none is required."""

    origin_secrets: tuple[str, ...] = ()
    """Secrets that CloudFront may send in ``x-origin-secret``: the current one, then the next. Empty: no lock."""
    site_url: str = ""
    """The public origin, ``https://loupe.example``: what signed cookies and URLs are good for."""
    media_key_pair_id: str = ""
    """CloudFront's id of the public key whose private half is ``media_private_key``."""
    media_private_key: str = field(default="", repr=False)
    """ECDSA P-256 or RSA-2048, in PEM form: signs cookies and URLs for private files."""


@cache
def conf() -> Conf:
    """Read ``settings.SERVERLESS`` once. Raises ImproperlyConfigured that names an unknown key or a wrong type."""
    given = getattr(settings, "SERVERLESS", {})
    known = {field.name.upper(): field.name for field in fields(Conf)}
    if unknown := sorted(set(given) - set(known)):
        raise ImproperlyConfigured(
            f"SERVERLESS has unknown keys: {', '.join(unknown)}. Known keys: {', '.join(sorted(known))}."
        )
    values = {known[key]: value for key, value in given.items()}
    secrets = values.get("origin_secrets", ())
    if not isinstance(secrets, list | tuple) or not all(isinstance(secret, str) and secret for secret in secrets):
        raise ImproperlyConfigured('SERVERLESS["ORIGIN_SECRETS"] is a list of non-empty strings: current, next.')
    for key in given.keys() - {"ORIGIN_SECRETS"}:
        if not isinstance(given[key], str):
            raise ImproperlyConfigured(f'SERVERLESS["{key}"] is a string.')
    return Conf(**values | {"origin_secrets": tuple(secrets)})


def _forget(*, setting: str, **_: object) -> None:
    if setting == "SERVERLESS":
        conf.cache_clear()


setting_changed.connect(_forget)
