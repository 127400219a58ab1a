"""uv itself, with wheels from disk."""

import importlib.util
import os
from pathlib import Path

import pytest

from serverless.deploy.package.build import Architecture, Target, Uv, environment, find_uv
from serverless.deploy.package.exceptions import BuildFailed
from serverless.deploy.package.store import Store
from tests.serverless.deploy.package.conftest import requirements

GOOD = "--hash=sha256:" + "a" * 64


@pytest.fixture
def uv(index: Path) -> Uv:
    assert index
    return find_uv(Path())


def build(tmp_path: Path, text: str, uv: Uv, *, architecture: Architecture = "arm64", python: str = "3.13") -> Path:
    (tmp_path / "requirements.txt").write_text(text)
    target = Target(architecture=architecture, python=python)
    return environment(
        tmp_path / "requirements.txt", target, uv=uv, store=Store(tmp_path / "store"), log=lambda _: None
    ).tree


@pytest.mark.parametrize(("architecture", "machine"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
@pytest.mark.parametrize("python", ["3.12", "3.13"])
def test_wheels_are_those_of_the_functions_processor_and_python(
    tmp_path: Path, index: Path, uv: Uv, architecture: Architecture, machine: str, python: str
) -> None:
    text = requirements(index, ["fastlib", "shoplib"])
    tree = build(tmp_path, text, uv, architecture=architecture, python=python)
    tag = f"cp{python.replace('.', '')}"
    assert (tree / "fastlib.so").read_text() == f"{tag}-{tag}-manylinux_2_28_{machine}"
    assert (tree / "shoplib" / "__init__.py").exists()


def test_it_is_installed_once_for_what_it_was_made_of(tmp_path: Path, index: Path, uv: Uv) -> None:
    text = requirements(index, ["fastlib"])
    first = build(tmp_path, text, uv)
    away = Uv(command=("/nowhere/uv",), version=uv.version, folder=uv.folder, environ=uv.environ)
    assert build(tmp_path, text, away) == first
    others = [
        build(tmp_path, f"{text}# changed\n", uv),
        build(tmp_path, text, uv, architecture="x86_64"),
        build(tmp_path, text, uv, python="3.12"),
    ]
    assert len({first, *others}) == 4


def test_console_scripts_do_not_come_along(tmp_path: Path, index: Path, uv: Uv) -> None:
    tree = build(tmp_path, requirements(index, ["sqlparse"]), uv)
    assert (tree / "sqlparse").is_dir()
    assert not (tree / "bin").exists()


def test_a_package_without_a_wheel_for_it_is_named(tmp_path: Path, index: Path, uv: Uv) -> None:
    text = requirements(index, ["winlib"])
    with pytest.raises(BuildFailed, match=r"winlib has no wheel for aarch64-manylinux_2_28 and Python 3\.13"):
        build(tmp_path, text, uv)
    assert list((tmp_path / "store").rglob("*.py")) == []


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path, uv: Uv) -> None:
    with pytest.raises(BuildFailed, match=r"shoplib==1\.2 is not what requirements\.txt was locked with"):
        build(tmp_path, f"shoplib==1.2 {GOOD}\n", uv)
    with pytest.raises(BuildFailed, match=r"shoplib==1\.2 has no hash in requirements\.txt"):
        build(tmp_path, "shoplib==1.2\n", uv)


@pytest.mark.parametrize(
    "line", ["-r base.txt", "  -c constraints.txt", "--requirement base.txt", "--constraint=c.txt"]
)
def test_another_file_whose_changes_nobody_would_see_is_refused(tmp_path: Path, uv: Uv, line: str) -> None:
    with pytest.raises(BuildFailed, match=rf"says `{line.strip()}`, and a package is made of one locked file"):
        build(tmp_path, f"shoplib==1.2 {GOOD}\n    # via -r requirements.in\n{line}\n", uv)


def test_no_network_is_told(tmp_path: Path, uv: Uv) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in {"UV_NO_INDEX", "UV_FIND_LINKS"}}
    environ |= {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}
    unconnected = Uv(command=uv.command, version=uv.version, folder=uv.folder, environ=environ)
    with pytest.raises(BuildFailed, match="The package index does not answer: check the network"):
        build(tmp_path, f"shoplib==1.2 {GOOD}\n", unconnected)


def test_what_uv_says_otherwise_is_passed_on(tmp_path: Path, uv: Uv) -> None:
    with pytest.raises(BuildFailed, match=r"uv could not install requirements\.txt: .*no version of shoplib==9"):
        build(tmp_path, f"shoplib==9 {GOOD}\n", uv)


def test_a_project_without_locked_requirements(tmp_path: Path, uv: Uv) -> None:
    target = Target(architecture="arm64", python="3.13")
    with pytest.raises(BuildFailed, match=r"requirements\.txt cannot be read .*make lock"):
        environment(tmp_path / "requirements.txt", target, uv=uv, store=Store(tmp_path), log=lambda _: None)


@pytest.mark.skipif(importlib.util.find_spec("uv") is not None, reason="uv is beside this Python")
def test_without_uv_it_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"uv is missing.*pip install uv"):
        find_uv(tmp_path, {"PATH": str(tmp_path)})


def test_a_uv_that_does_not_answer_is_none(tmp_path: Path) -> None:
    for folder, does in (("shims", "exec sleep 60"), (".cache/uv/bin", "echo uv 1.2.3")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "uv").write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / folder / "uv").chmod(0o755)
    found = find_uv(tmp_path, {"PATH": f"{tmp_path / 'shims'}:{os.defpath}"}, answer_s=0.5)
    assert found.version == "uv 1.2.3"


def test_uv_is_found_where_make_keeps_it(tmp_path: Path) -> None:
    kept = tmp_path / ".cache" / "uv" / "bin" / "uv"
    kept.parent.mkdir(parents=True)
    kept.write_text("#!/bin/sh\necho uv 1.2.3\n")
    kept.chmod(0o755)
    found = find_uv(tmp_path, {"PATH": "/nowhere"})
    assert (found.command, found.version, found.folder) == ((str(kept),), "uv 1.2.3", tmp_path)
