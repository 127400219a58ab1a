"""The stages of making a package, in their order."""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from serverless import bundle, prepared
from serverless.deploy.package import archive, bom, build, bytecode, layers, project, rehearsal, size, static
from serverless.deploy.package.build import ARCHITECTURE, MACHINE, Architecture, Target
from serverless.deploy.package.config import PackageConfig, load, project_name
from serverless.deploy.package.exceptions import BuildFailed, TreeInvalid
from serverless.deploy.package.slim import slim
from serverless.deploy.package.store import Store

__all__ = ["Options", "Package", "make"]

# Of what was made in the same folder before, whether or not anything is this time.
_KEPT: Final = (project.MARK, size.FILE_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is packaged, for what, and where it goes."""

    project: Path
    """The folder of ``manage.py``, ``pyproject.toml`` and ``requirements.txt``."""
    to: Path
    """The folder to make, anew each time."""
    architecture: Architecture = ARCHITECTURE
    python: str = build.this_python()
    """The function's Python. Bytecode is made by the Python that packages, so it must have the same minor version."""
    cache: Path | None = None
    """Where packages are kept from release to release; None: ``.cache/package`` in the project."""
    starts: int = 1
    """How many starts to measure, at a third of a second of CPU each; 0: none."""
    before: size.SizeReport | None = None
    """What it is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What was made. It knows no release: the same input gives the same bytes."""

    path: Path
    """The zip."""
    sha256: str
    code_sha256: str
    """The same in base64, as Lambda reports it."""
    report: size.SizeReport
    static: Path | None
    """The folder of staged static files with their manifest; None without staticfiles, or without a rehearsal."""
    bom: Path
    """CycloneDX, JSON."""
    licences: Path

    @property
    def zipped(self) -> int:
        """In bytes."""
        return self.report.zipped

    @property
    def unpacked(self) -> int:
        """In bytes."""
        return self.report.unpacked

    @property
    def parts(self) -> Mapping[str, int]:
        """Bytes unpacked, by distribution and by the project's own folders."""
        return self.report.parts


def make(options: Options, *, log: Callable[[str], None]) -> Package:
    """Package a project. Raises PackageError, of which each kind says what to do.

    1. Packages for the function's platform: installed, slimmed, compiled, zipped; or found as an earlier release left
    them. 2. The project: staged and compiled. 3. Its start rehearsed and its static files collected, with packages of
    the same versions for this machine. 4. The zip: that of the packages, and after it the project. 5. What it weighs,
    beside ``before``; both go to ``log``.
    """
    _check(options)
    config = load(options.project / "pyproject.toml")
    _fresh(options.to)
    maker = _Maker(options, config, log)
    packages = maker.layer(options.architecture)
    tree = maker.stage()
    maker.join(tree, MACHINE if config.rehearse else options.architecture)
    staged = maker.rehearse(tree) if config.rehearse else None
    init_cpu_ms = maker.measure() if config.rehearse and options.starts else None
    log("zipping")
    path = options.to / "package.zip"
    archive.append(path, layers.zipped(packages, store=maker.store, log=log), tree)
    report = _weigh(path, tree, packages, init_cpu_ms)
    size.check(report)
    for line in size.compare(report, options.before):
        log(line)
    return _finish(options, path, report, packages.components, staged)


def _check(options: Options) -> None:
    if options.python != build.this_python():
        raise BuildFailed(
            f"The function runs Python {options.python}, and this is {build.this_python()}: bytecode is good for one "
            f"minor version. Package with Python {options.python}."
        )
    if not options.project.is_dir():
        raise TreeInvalid(f"{options.project} is not a folder.")


def _fresh(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    there = list(folder.iterdir())
    if there and not (folder / project.MARK).exists():
        raise TreeInvalid(f"{folder} is there already and was not made by this command: name another folder.")
    (folder / project.MARK).touch()
    (folder / ".gitignore").write_text("*\n")  # what is made here is no change of the checkout
    for path in there:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in _KEPT:
            path.unlink(missing_ok=True)


class _Maker:
    """The stages, with what they share."""

    def __init__(self, options: Options, config: PackageConfig, log: Callable[[str], None]) -> None:
        self.options, self.config, self.log = options, config, log
        self.store = Store(options.cache or options.project / ".cache" / "package")
        self.host = options.to / "host"
        self._layers: dict[Architecture, layers.Layer] = {}

    @cached_property
    def uv(self) -> build.Uv:
        return build.find_uv(self.options.project)

    def environment(self, architecture: Architecture) -> build.Environment:
        target = Target(architecture=architecture, python=self.options.python)
        requirements = self.options.project / "requirements.txt"
        return build.environment(requirements, target, uv=self.uv, store=self.store, log=self.log)

    def layer(self, architecture: Architecture) -> layers.Layer:
        if architecture not in self._layers:
            environment = self.environment(architecture)
            self._layers[architecture] = layers.layer(environment, self.config, store=self.store, log=self.log)
        return self._layers[architecture]

    def stage(self) -> Path:
        """Return the tree of the project's own part."""
        self.log("compiling the project")
        tree = self.options.to / "project"
        apart = {self.options.to.resolve(), self.store.root.resolve()}
        project.stage(self.options.project, tree, self.config, apart=apart)
        slim(tree, replace(self.config, rehearse={}))
        return tree

    def join(self, tree: Path, architecture: Architecture) -> None:
        """Lay both parts into one folder, as Lambda does. Raises NamesCollide."""
        project.overlay(self.host, tree, self.layer(architecture).tree)

    def rehearse(self, tree: Path) -> Path | None:
        """Start the project and collect its static files; return the folder of these. Both leave a file in ``tree``.

        What a start compiles is no machine's: bytecode, and instructions of ``re`` in 32-bit words, little endian on
        both of Lambda's processors; ``prepared.header()`` names what else they depend on.
        """
        local = self.environment(MACHINE)
        self.log("rehearsing the start, and collecting static files")
        with ThreadPoolExecutor(2) as pool:
            started = pool.submit(rehearsal.rehearse, self.host, self.config.rehearse)
            collected = pool.submit(self._collect, local)
        started.result()
        (self.host / prepared.FILE_NAME).rename(tree / prepared.FILE_NAME)
        (self.host / prepared.FILE_NAME).symlink_to((tree / prepared.FILE_NAME).resolve())
        staged, place = collected.result()
        if place is None:
            return None
        static.put_manifest(staged, place, tree)
        return staged

    def _collect(self, packages: build.Environment) -> tuple[Path, Path | None]:
        folder = self.options.to / "static"
        place = static.collect(
            folder,
            project=self.options.project,
            packages=packages.tree,
            variables=self.config.rehearse,
            # Python fills it: the environment itself is nobody's to write to.
            bytecode=self.store.folder("bytecode", packages.key, lambda _: None),
        )
        return folder, place

    def measure(self) -> float:
        self.log(f"measuring {self.options.starts} starts")
        return rehearsal.init_cpu_ms(self.host, self.config.rehearse, starts=self.options.starts)


def _weigh(path: Path, tree: Path, packages: layers.Layer, init_cpu_ms: float | None) -> size.SizeReport:
    own: Counter[str] = Counter()
    for file in tree.rglob("*"):
        if file.is_file() and file.name != bundle.FILE_NAME:
            own[file.relative_to(tree).parts[0]] += file.stat().st_size
    for source, compiled in bytecode.sizes(tree / bundle.FILE_NAME).items():
        own[source.partition("/")[0]] += compiled
    return size.SizeReport(
        zipped=path.stat().st_size,
        unpacked=packages.unpacked + sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()),
        parts=dict(packages.parts) | {f"{name} (project)": count for name, count in sorted(own.items())},
        init_cpu_ms=init_cpu_ms,
    )


def _finish(
    options: Options, path: Path, report: size.SizeReport, found: list[bom.Component], staged: Path | None
) -> Package:
    bill, licences = options.to / "sbom.cdx.json", options.to / "licences.txt"
    bill.write_text(bom.cyclonedx(found, name=project_name(options.project / "pyproject.toml")))
    licences.write_text(bom.licences(found))
    (options.to / size.FILE_NAME).write_text(report.dumps())
    hashed = archive.digest(path)
    return Package(
        path=path,
        sha256=hashed.sha256,
        code_sha256=hashed.code_sha256,
        report=report,
        static=staged,
        bom=bill,
        licences=licences,
    )
