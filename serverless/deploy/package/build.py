"""A lean production environment for a function's platform, out of hashed requirements, with uv.

Nothing is built: a wheel for the platform is downloaded, compared with its hash and unpacked, on whatever machine.
"""

import hashlib
import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from serverless.deploy.package.exceptions import BuildFailed
from serverless.deploy.package.store import Store

__all__ = [
    "ARCHITECTURE",
    "MACHINE",
    "Architecture",
    "Environment",
    "Target",
    "Uv",
    "environment",
    "find_uv",
    "this_python",
]

type Architecture = Literal["arm64", "x86_64"]

# Unless zappa_settings.json says otherwise: a fifth cheaper. https://aws.amazon.com/lambda/pricing/
ARCHITECTURE: Final[Architecture] = "arm64"
# As wheels call what Lambda calls arm64 and x86_64.
_MACHINES: Final[Mapping[Architecture, str]] = {"arm64": "aarch64", "x86_64": "x86_64"}
# Amazon Linux 2023, which Lambda's Python 3.12 and 3.13 run on, has glibc 2.34; wheels for more than 2.28 are rare yet.
# https://aws.amazon.com/blogs/compute/introducing-the-amazon-linux-2023-runtime-for-aws-lambda/
_LIBC: Final = "manylinux_2_28"
_LIMIT_S: Final = 900
# https://pip.pypa.io/en/stable/reference/requirements-file-format/#supported-options
_INCLUDES: Final = re.compile(r"^[ \t]*(-r|-c|--requirement|--constraint)\b.*$", re.MULTILINE)


def this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _machine() -> Architecture:
    return "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


MACHINE: Final = _machine()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a function runs on."""

    architecture: Architecture
    python: str
    """Major and minor version, such as 3.13."""

    @property
    def platform(self) -> str:
        """As uv and wheels name it."""
        return f"{_MACHINES[self.architecture]}-{_LIBC}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uv:
    """How uv is called here."""

    command: tuple[str, ...]
    version: str
    folder: Path
    """Where: the project, whose own settings for uv then hold, unless uv does not run there."""
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Installed packages. ``tree`` is shared with later releases: nobody writes to it."""

    tree: Path
    key: str
    """Names its content: requirements, platform, Python, uv and the code that installs."""
    architecture: Architecture


def environment(requirements: Path, target: Target, *, uv: Uv, store: Store, log: Callable[[str], None]) -> Environment:
    """Install ``requirements`` for ``target``, or find what an earlier release has installed. Raises BuildFailed."""
    try:
        wanted = requirements.read_bytes()
    except OSError as problem:
        raise BuildFailed(f"{requirements} cannot be read ({problem.strerror}): `make lock` writes it.") from problem
    _one_file(requirements, wanted.decode(errors="replace"))
    said = (target.platform, target.python, uv.version)
    # The code that makes it counts, too.
    parts = (Path(__file__).read_bytes(), wanted, *(text.encode() for text in said))
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]

    def install(folder: Path) -> None:
        log(f"installing {requirements.name} for {target.platform}, Python {target.python}")
        _install(requirements, target, folder, uv)
        # Console scripts begin with the path of the Python that installed them; no function runs one.
        shutil.rmtree(folder / "bin", ignore_errors=True)

    return Environment(tree=store.folder("environment", key, install), key=key, architecture=target.architecture)


def _one_file(requirements: Path, text: str) -> None:
    """Raise BuildFailed where the file includes another one, whose changes would go unseen: the environment is known by
    the hash of this one."""
    if found := _INCLUDES.search(text):
        raise BuildFailed(
            f"{requirements.name} says `{found[0].strip()}`, and a package is made of one locked file: let "
            f"`uv pip compile --generate-hashes` write all of it into {requirements.name}."
        )


def find_uv(project: Path, environ: Mapping[str, str] = os.environ, *, answer_s: float = 10) -> Uv:
    """Find uv: on the PATH, where ``make`` keeps it, or beside this Python. Raises BuildFailed.

    What has not said its version after ``answer_s`` is none.
    """
    found = shutil.which("uv", path=environ.get("PATH", os.defpath))
    candidates = [[found]] if found else []
    candidates += [[str(project.resolve() / ".cache" / "uv" / "bin" / "uv")], [sys.executable, "-m", "uv"]]
    for command, folder in itertools.product(candidates, (project, Path())):
        # Asked, because a shim of pyenv is there in folders whose version of Python has none.
        with suppress(OSError, subprocess.TimeoutExpired):
            done = _run([*command, "--version"], folder, environ, limit_s=answer_s)
            if done.returncode == 0:
                return Uv(command=tuple(command), version=done.stdout.strip(), folder=folder, environ=environ)
    raise BuildFailed("uv is missing, which installs packages for another machine: `python -m pip install uv`.")


def _arguments(target: Target, folder: Path) -> list[str]:
    return [
        "pip", "install", "--quiet", "--color", "never", "--target", str(folder),
        "--python-platform", target.platform, "--python-version", target.python,
        "--only-binary", ":all:", "--require-hashes", "--no-deps",
    ]  # fmt: skip


def _run(
    command: Sequence[str], folder: Path, environ: Mapping[str, str], *, limit_s: float = _LIMIT_S
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - uv
        command, cwd=folder, env=dict(environ), capture_output=True, text=True, timeout=limit_s, check=False
    )


def _install(requirements: Path, target: Target, folder: Path, uv: Uv) -> None:
    command = [*uv.command, *_arguments(target, folder), "-r", str(requirements.resolve())]
    try:
        done = _run(command, uv.folder, uv.environ)
    except subprocess.TimeoutExpired:
        raise BuildFailed(
            f"uv had not installed {requirements.name} after {_LIMIT_S} s: is the network slow?"
        ) from None
    if done.returncode != 0:
        raise BuildFailed(_explain(done.stderr, requirements, target))


def _explain(said: str, requirements: Path, target: Target) -> str:
    """Return what is wrong and what to do, in place of what uv ``said``."""
    said = _short(said)  # in one line: uv breaks lines at the width of the terminal, if it finds one
    if found := re.search(r"Because (\S+)==\S+ has no (?:usable )?wheels", said):
        return (
            f"{found[1]} has no wheel for {target.platform} and Python {target.python}, and nothing is compiled here: "
            "choose a version that has one, replace it, or set architecture to the other one in zappa_settings.json."
        )
    if found := re.search(r"Hash mismatch for `([^`]+)`", said):
        return (
            f"What was downloaded as {found[1]} is not what {requirements.name} was locked with: it was not installed. "
            "If the release was replaced by its maintainers, look at it and lock anew: `make lock`."
        )
    if found := re.search(r"must have a hash, but none were provided for: (\S+)", said):
        return f"{found[1]} has no hash in {requirements.name}: lock it with --generate-hashes (`make lock`)."
    if "Failed to fetch" in said or "network was disabled" in said or "Failed to download" in said:
        return f"The package index does not answer: check the network, and call this again. uv said: {said}"
    return f"uv could not install {requirements.name}: {said}"


def _short(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("Using ")]
    return " ".join(" ".join(lines).split())[:600]
