"""axe-core, the accessibility checker: fetched from npm once, pinned by version and hash, and injected into pages."""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.cloud import ROOT

_VERSION = "4.11.0"
_SHA256 = "e9e5863c33a874f09bc01acd9234b7e3c871479f5eef8802fa582544465e6d01"
_FILE = ROOT / ".cache" / f"axe-core-{_VERSION}.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def script() -> Path:
    """Return the script's path. Skips where it cannot be had, and fails with CI set."""
    if reason := fetch():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return _FILE


def complaints(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands. Its context must bypass the content security policy."""
    page.add_script_tag(path=script())
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run({ runOnly: rules }).then(result => result.violations)", _RULES
    )
    return [f"{page.url}: {rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def fetch() -> str | None:
    """Put the script in the cache, unless it is there. Returns what stopped it, or None."""
    if _FILE.exists():
        return None
    if shutil.which("npm") is None:
        return "axe-core is missing: npm, which fetches it, is not installed"
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"axe-core@{_VERSION}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            return f"axe-core is missing: `{' '.join(command)}` failed"
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            member = package.extractfile("package/axe.min.js")
            assert member is not None
            content = member.read()
    if hashlib.sha256(content).hexdigest() != _SHA256:
        return f"axe-core is missing: what npm sent is not version {_VERSION} as it was pinned"
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_bytes(content)
    return None
