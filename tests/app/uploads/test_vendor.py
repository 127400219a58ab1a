"""The committed bundle is what `make vendor` makes of the pinned packages."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

ROOM = Path(__file__).resolve().parents[3] / "app" / "uploads"
PINS = ROOM / "vendor"
BUILT = ROOM / "static" / "uploads" / "vendor"
PINNED = re.compile(r"\d+\.\d+\.\d+")


def lock() -> dict[str, dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads((PINS / "package-lock.json").read_text())["packages"]
    return packages


def test_the_bundle_is_the_one_that_was_built() -> None:
    digest, name = (PINS / "SHA256SUMS").read_text().split()
    assert hashlib.sha256((BUILT / name).read_bytes()).hexdigest() == digest


def test_the_bundle_names_the_versions_that_are_locked() -> None:
    head = (BUILT / "uppy.js").read_text().partition("*/")[0]
    bundled = dict(re.findall(r"^ \* (\S+) (\S+) \(", head, re.MULTILINE))
    assert {"@uppy/core", "@uppy/aws-s3"} <= set(bundled)
    assert bundled == {name: lock()[f"node_modules/{name}"]["version"] for name in bundled}


def test_packages_are_pinned_with_their_hashes_and_without_a_registry() -> None:
    declared = json.loads((PINS / "package.json").read_text())
    for versions in (declared["dependencies"], declared["devDependencies"]):
        assert all(PINNED.fullmatch(version) for version in versions.values())
    packages = [package for path, package in lock().items() if path]
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages)


def test_each_bundled_package_comes_with_its_licence() -> None:
    head = (BUILT / "uppy.js").read_text().partition("*/")[0]
    licences = (BUILT / "uppy.LICENCES.txt").read_text()
    for title in re.findall(r"^ \* (\S+ \S+ \(.*\))$", head, re.MULTILINE):
        assert title in licences
        assert re.search(r"\((MIT|ISC)\)$", title)
