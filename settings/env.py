"""Typed reads of environment variables that fail once, with every missing or malformed name in one list."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

__all__ = ["Env"]

# Replicas are numbered.
_ALIAS = re.compile(r"(?!replica-)[a-z][a-z0-9-]{0,30}")


class Env:
    """Reads variables and remembers what was wrong with them; ``done()`` raises about all of it.

    A read without a default demands the variable. After a problem, a read returns its default or an empty value, so
    that the settings module runs to its end and reports everything at once.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._problems: dict[str, str] = {}

    def text(self, name: str, default: str | None = None) -> str:
        return self._read(name, str, default, "")

    def choice(self, name: str, options: Sequence[str], default: str | None = None) -> str:
        """Read one of ``options``, in any case; return it as ``options`` spells it."""

        def parse(value: str) -> str:
            if not (found := [option for option in options if option.lower() == value.lower()]):
                raise ValueError(f"is none of {', '.join(options)}")
            return found[0]

        return self._read(name, parse, default, "")

    def number(self, name: str, default: int | None = None) -> int:
        """Read a whole number above 0; ``default`` 0 stands for none."""

        def parse(value: str) -> int:
            if not value.isdecimal() or int(value) == 0:
                raise ValueError("is no whole number above 0")
            return int(value)

        return self._read(name, parse, default, 0)

    def items(self, name: str, default: list[str] | None = None) -> list[str]:
        """Read a list: ``a,b,c``. A value that names nothing is malformed: it is not a way to write an empty list."""

        def parse(value: str) -> list[str]:
            if not (found := [item.strip() for item in value.split(",") if item.strip()]):
                raise ValueError("is a list of nothing")
            return found

        return self._read(name, parse, default, [])

    def mapping(self, name: str, default: dict[str, str] | None = None) -> dict[str, str]:
        """Read pairs: ``a=x,b=y``."""

        def parse(value: str) -> dict[str, str]:
            pairs = [item.partition("=") for item in value.split(",") if item.strip()]
            if not pairs or not all(key.strip() and found and rest.strip() for key, found, rest in pairs):
                raise ValueError("is not of the form name=value,name=value")
            return {key.strip(): rest.strip() for key, _, rest in pairs}

        return self._read(name, parse, default, {})

    def url(self, name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("https", "http")) -> str:
        def parse(value: str) -> str:
            parts = urlsplit(value)
            if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
                raise ValueError(f"is not a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
            return parts.geturl().rstrip("/")  # the scheme in lower case: settings compare it

        return self._read(name, parse, default, "")

    def pem(self, name: str, default: str | None = None) -> str:
        """Read a PEM file; its line breaks may be written as ``\\n``, because not every console keeps real ones."""

        def parse(value: str) -> str:
            text = value.replace("\\n", "\n").strip()
            if not (text.startswith("-----BEGIN ") and text.endswith("-----")):
                raise ValueError("is not a PEM file: -----BEGIN … -----END …")
            return f"{text}\n"

        return self._read(name, parse, default, "")

    def database(self, name: str) -> dict[str, Any]:
        """Read ``postgresql://user:password@host:port/name`` as an entry of DATABASES (without ENGINE).

        A query (``?sslmode=verify-full``) becomes OPTIONS, as libpq reads it. ``?iam=true`` stands in for the password.
        """

        return self._read(name, _database, None, {})

    def databases(self, name: str) -> dict[str, dict[str, Any]]:
        """Read such URLs by alias, ``one=postgresql://…,two=postgresql://…``; none is needed. ``%2C`` is a comma."""

        def parse(value: str) -> dict[str, dict[str, Any]]:
            pairs = [item.strip().partition("=") for item in value.split(",") if item.strip()]
            aliases = [alias for alias, _, _ in pairs]
            if len({"default", *aliases}) <= len(aliases) or not all(map(_ALIAS.fullmatch, aliases)):
                raise ValueError(
                    "is not of the form alias=postgresql://…,alias=…; an alias has lower-case letters, digits and "
                    '"-", stands there once, does not begin with "replica-" and is not "default"'
                )
            return {alias: _database(url) for alias, _, url in pairs}

        return self._read(name, parse, {}, {})

    def replicas(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """Read such URLs with the alias that each is a copy of: ``one=postgresql://…``, or without one, the default."""

        def parse(value: str) -> list[tuple[str, dict[str, Any]]]:
            pairs = [item.strip().partition("=") for item in value.split(",")]
            # Without an alias the first "=" may be one of the URL's query.
            return [
                (alias, _database(url)) if _ALIAS.fullmatch(alias) else ("default", _database(alias + found + url))
                for alias, found, url in pairs
            ]

        return self._read(name, parse, [], [])

    def mailer(self, name: str) -> dict[str, Any]:
        """Read an entry of MAILERS: ``ses://REGION``, ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…:465``.

        SES's API may be given ``?configuration_set=NAME``.
        """

        def parse(value: str) -> dict[str, Any]:
            parts = urlsplit(value)
            if parts.scheme == "ses" and parts.hostname and parts.netloc == parts.hostname:
                return _ses(parts.hostname, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query))))
            if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
                raise ValueError(
                    "is not of the form ses://REGION, smtp://user:password@host:port or smtps://user:password@host:port"
                )
            implicit = parts.scheme == "smtps"
            return {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {
                    "host": parts.hostname,
                    "port": parts.port or (465 if implicit else 587),
                    "username": unquote(parts.username or ""),
                    "password": unquote(parts.password or ""),
                    "use_ssl": implicit,
                    "use_tls": not implicit,
                    # Seconds for each step. Far less than a worker's time, far more than a mail server needs.
                    "timeout": 10,
                },
            }

        return self._read(name, parse, None, {})

    def done(self) -> None:
        """Raise ImproperlyConfigured with every problem so far. Values are not repeated: they may be secrets."""
        if self._problems:
            raise ImproperlyConfigured(
                "The environment is not complete:\n  "
                + "\n  ".join(f"{name} {problem}" for name, problem in self._problems.items())
            )

    def _read[T](self, name: str, parse: Callable[[str], T], default: T | None, empty: T) -> T:
        value = self._environ.get(name, "")
        fallback = empty if default is None else default
        if not value.strip():
            if default is None:
                self._problems[name] = "is not set"
            return fallback
        try:
            return parse(value)
        except ValueError as error:
            # The parsers of urllib quote the value in their messages; ours never do.
            own = bool(error.args) and str(error.args[0]).startswith("is ")
            self._problems[name] = error.args[0] if own else "is malformed"
            return fallback


def _database(value: str) -> dict[str, Any]:
    parts = urlsplit(value)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname or len(parts.path) <= 1:
        raise ValueError("is not of the form postgresql://user:password@host:port/name")
    options: dict[str, Any] = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    if "iam" in options:
        if options["iam"] not in {"true", "false"} or (options["iam"] == "true" and parts.password):
            raise ValueError("is a URL with an iam that is neither true nor false, or true beside a password")
        options["iam"] = options["iam"] == "true"
    return {
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": str(parts.port or 5432),
        "OPTIONS": options,
    }


def _ses(region: str, query: dict[str, str]) -> dict[str, Any]:
    if query.keys() - {"configuration_set"}:
        raise ValueError("is a URL of SES with more in its query than configuration_set")
    return {"BACKEND": "serverless.mail.ses.EmailBackend", "OPTIONS": {"region": region} | query}
