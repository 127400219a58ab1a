"""What a package is made of: a software bill of materials, and the licences, both from what is installed.

CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/. The same environment gives the same document, so that it has no
time and a serial number that follows from its components.
"""

import json
import re
import uuid
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path
from typing import Any, Final

__all__ = ["Component", "components", "cyclonedx", "licences"]

_NAMESPACE: Final = uuid.UUID("5f0f7a31-6ad5-5e3f-9d52-0f0a2f6f7d11")  # of serial numbers of these documents
_LABELS: Final = ("homepage", "home", "source", "source code", "repository", "github", "documentation")
_CLASSIFIER: Final = "License :: "
# A short text in the old field is a name; a long one is the whole licence.
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One installed distribution."""

    name: str
    version: str
    expression: str
    """SPDX, as its maintainers gave it; empty where they gave none."""
    names: tuple[str, ...]
    """What they call its licences otherwise."""
    summary: str
    homepage: str

    @property
    def purl(self) -> str:
        """https://github.com/package-url/purl-spec, type pypi."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"

    @property
    def licence(self) -> str:
        return self.expression or ", ".join(self.names) or "not stated"


def components(tree: Path) -> list[Component]:
    """Return what is installed in ``tree``, by name."""
    found = (_component(distribution.metadata) for distribution in distributions(path=[str(tree)]))
    return sorted(found, key=lambda component: component.purl)


def cyclonedx(found: list[Component], *, name: str) -> str:
    """Return the document about a package called ``name``, as JSON."""
    listed = [_entry(component) for component in found]
    serial = uuid.uuid5(_NAMESPACE, json.dumps([name, listed], sort_keys=True))
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": name, "bom-ref": name}},
        "components": listed,
        "dependencies": [{"ref": name, "dependsOn": [component.purl for component in found]}],
    }
    return json.dumps(document, indent=1) + "\n"


def licences(found: list[Component]) -> str:
    """Return a line for each component: name, version, licence, where it is from."""
    rows = [f"{one.name} {one.version}\t{one.licence}\t{one.homepage}".rstrip() for one in found]
    return "".join(f"{row}\n" for row in rows)


def _component(metadata: PackageMetadata) -> Component:
    def first(key: str) -> str:
        return next((str(value).strip() for value in metadata.get_all(key) or [] if str(value).strip()), "")

    classifiers = [str(value) for value in metadata.get_all("Classifier") or []]
    names = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith(_CLASSIFIER)]
    old = first("License")
    if not names and old and old != "UNKNOWN":
        names = [old.splitlines()[0][:_LONGEST_NAME]]
    return Component(
        name=first("Name"),
        version=first("Version"),
        expression=first("License-Expression"),
        names=tuple(dict.fromkeys(names)),
        summary=first("Summary"),
        homepage=first("Home-page") or _link(metadata),
    )


def _link(metadata: PackageMetadata) -> str:
    """Return the address that says most about where it is from: labels are as its maintainers chose them."""
    links = [str(link).partition(",") for link in metadata.get_all("Project-URL") or []]
    by_label = {label.strip().lower(): address.strip() for label, _, address in links}
    for label in _LABELS:
        if label in by_label:
            return by_label[label]
    return next(iter(by_label.values()), "")


def _entry(component: Component) -> dict[str, Any]:
    chosen: list[dict[str, Any]] = [{"license": {"name": name}} for name in component.names]
    if component.expression:
        chosen = [{"expression": component.expression}]
    entry: dict[str, Any] = {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "description": component.summary,
        "purl": component.purl,
    }
    if chosen:
        entry["licenses"] = chosen
    if component.homepage.startswith(("http://", "https://")):
        entry["externalReferences"] = [{"type": "website", "url": component.homepage}]
    return entry
