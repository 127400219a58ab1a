import json
from pathlib import Path

from serverless.deploy.package.bom import components, cyclonedx, licences

EXPRESSION = """License-Expression: BSD-3-Clause
Project-URL: Changelog, https://example.org/log
Project-URL: Source, https://example.org/one
Summary: The first
"""
CLASSIFIERS = (
    "License: see LICENSE\nClassifier: License :: OSI Approved :: MIT License\nHome-page: https://two.example\n"
)
OLD = "License: Apache 2.0\n"


def install(tree: Path, name: str, fields: str) -> None:
    info = tree / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{fields}\nA text.\n")


def test_every_distribution_is_named_with_its_licence(tmp_path: Path) -> None:
    for name, fields in {"Zope.One": EXPRESSION, "two": CLASSIFIERS, "old": OLD, "none": ""}.items():
        install(tmp_path, name, fields)
    found = components(tmp_path)
    assert licences(found).splitlines() == [
        "none 1.0\tnot stated",
        "old 1.0\tApache 2.0",
        "two 1.0\tMIT License\thttps://two.example",
        "Zope.One 1.0\tBSD-3-Clause\thttps://example.org/one",
    ]
    document = json.loads(cyclonedx(found, name="shop"))
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert document["metadata"]["component"]["name"] == "shop"
    assert document["components"][3] == {
        "type": "library",
        "bom-ref": "pkg:pypi/zope-one@1.0",
        "name": "Zope.One",
        "version": "1.0",
        "description": "The first",
        "purl": "pkg:pypi/zope-one@1.0",
        "licenses": [{"expression": "BSD-3-Clause"}],
        "externalReferences": [{"type": "website", "url": "https://example.org/one"}],
    }
    assert document["components"][2]["licenses"] == [{"license": {"name": "MIT License"}}]
    assert "licenses" not in document["components"][0]
    assert document["dependencies"][0]["dependsOn"] == [entry["bom-ref"] for entry in document["components"]]


def test_the_same_environment_gives_the_same_document(tmp_path: Path) -> None:
    install(tmp_path / "a", "one", EXPRESSION)
    install(tmp_path / "b", "one", EXPRESSION)
    install(tmp_path / "c", "one", OLD)
    first, same, other = (cyclonedx(components(tmp_path / name), name="shop") for name in "abc")
    assert first == same
    assert json.loads(first)["serialNumber"] != json.loads(other)["serialNumber"]
