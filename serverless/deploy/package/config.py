"""``[tool.serverless.package]`` of ``pyproject.toml``: what a package keeps. Every key has a default.

Example:

    [tool.serverless.package]
    keep_locales = ["en", "de"]
    keep_services = ["s3", "sts"]
    remove = ["docs", "django/contrib/gis"]
    keep = ["somelib/tests"]
    bundle = true
    strip = true

    [tool.serverless.package.rehearse]
    DJANGO_SETTINGS_MODULE = "shop.settings"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from serverless.deploy.package.exceptions import ConfigInvalid

__all__ = ["PackageConfig", "load", "project_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageConfig:
    """What stays in a package, and what goes. Patterns are those of ``fnmatch``, from the tree's root on."""

    keep_locales: tuple[str, ...] = ("en",)
    """Languages whose translations and formats stay, with their variants: ``pt`` keeps ``pt_BR``, too."""
    keep_services: tuple[str, ...] = ("s3", "sts")
    """Services whose description botocore keeps: those that the project makes clients of."""
    remove: tuple[str, ...] = ()
    """What else goes: patterns of files and folders."""
    keep: tuple[str, ...] = ()
    """What stays although a rule would remove it: patterns of files and folders."""
    bundle: bool = True
    """Whether bytecode goes into one file with a finder of its own, instead of into ``__pycache__``."""
    strip: bool = True
    """Whether compiled libraries lose what only a debugger reads."""
    rehearse: Mapping[str, str] = field(default_factory=dict)
    """The environment with which the packaged project is started once, to keep what that compiles, and its static files
    are collected. Empty: neither is done, and no release can be made of the package."""


def load(pyproject: Path) -> PackageConfig:
    """Read the table; a file without one, or none at all, gives the defaults. Raises ConfigInvalid."""
    return parse(_serverless(pyproject).get("package", {}))


def project_name(pyproject: Path) -> str:
    """Return what the project is called in ``[tool.serverless.stack]``, else "project": folders have any name."""
    return str(_serverless(pyproject).get("stack", {}).get("project", "project"))


def _serverless(pyproject: Path) -> Any:
    try:
        document = tomllib.loads(pyproject.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise ConfigInvalid(f"{pyproject} cannot be read ({problem}).") from problem
    return document.get("tool", {}).get("serverless", {})


def parse(table: object) -> PackageConfig:
    """Return what ``table`` says, on top of the defaults. Raises ConfigInvalid that names the key."""
    if not isinstance(table, dict):
        raise ConfigInvalid("[tool.serverless.package] is a table.")
    known = [field.name for field in fields(PackageConfig)]
    if unknown := sorted(table.keys() - known):
        raise ConfigInvalid(
            f"[tool.serverless.package] has no key {', '.join(unknown)}; it knows {', '.join(sorted(known))}."
        )
    return PackageConfig(**{key: _value(key, value) for key, value in table.items()})


def _value(key: str, value: object) -> Any:
    if key in {"bundle", "strip"}:
        if not isinstance(value, bool):
            raise ConfigInvalid(f"[tool.serverless.package] {key} is true or false, not {value!r}.")
        return value
    if key == "rehearse":
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise ConfigInvalid("[tool.serverless.package.rehearse] is a table of environment variables: name = text.")
        return value
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise ConfigInvalid(f'[tool.serverless.package] {key} is a list such as ["a", "b"], not {value!r}.')
    if wrong := [word for word in value if key in {"remove", "keep"} and (word.startswith("/") or ".." in word)]:
        raise ConfigInvalid(f"[tool.serverless.package] {key} has paths out of the tree: {', '.join(wrong)}.")
    return tuple(value)
