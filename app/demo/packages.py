"""Debian packages on any Linux: fetched with apt-get where there is one, else from Debian's mirror, and unpacked here.

A .deb is an `ar` archive with the files in its member `data.tar.*`: https://manpages.debian.org/deb.5
"""

import lzma
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Collection, Iterator
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit

from app.demo.exceptions import PackageUnavailable
from app.demo.photos import Package

MIRROR: Final = "https://deb.debian.org/debian/"
# Seconds. apt-get would try again for minutes where there is no network.
_CONNECT, _WHOLE = 10, 180
_APT: Final = (
    "apt-get", "-q", "-o", "Acquire::Retries=0", "-o", f"Acquire::http::Timeout={_CONNECT}",
    "-o", f"Acquire::https::Timeout={_CONNECT}", "download",
)  # fmt: skip
_LARGEST: Final = 64 * 1024**2
_MAGIC: Final = b"!<arch>\n"
_HEADER: Final = 60


def fetch(package: Package, folder: Path, *, mirror: str = MIRROR) -> Iterator[Path]:
    """Yield the package's file in `folder`, from one source after the other, for as long as the caller asks for more.

    Raises PackageUnavailable when no source is left.
    """
    found = _with_apt(package, folder)
    if found is not None:
        yield found
    yield _from_mirror(package, folder, mirror=mirror)


def unpack(deb: Path, *, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the base name and content of those files in the package that are called one of `names`.

    Raises PackageUnavailable for a file that is no package, or is packed in a way this Python cannot read.
    """
    try:
        with tarfile.open(fileobj=BytesIO(_data(deb))) as tar:
            for member in tar:
                name = Path(member.name).name
                wanted = member.isfile() and name in names and member.size <= _LARGEST
                content = tar.extractfile(member) if wanted else None
                if content is not None:
                    yield name, content.read()
    except (tarfile.TarError, lzma.LZMAError, EOFError, ValueError) as error:
        raise PackageUnavailable(f"{deb.name} cannot be unpacked ({error})") from error


def _with_apt(package: Package, folder: Path) -> Path | None:
    if shutil.which("apt-get") is None:
        return None
    try:
        subprocess.run([*_APT, package.name], cwd=folder, capture_output=True, timeout=_WHOLE, check=True)  # noqa: S603 - a constant
    except (OSError, subprocess.SubprocessError):
        return None  # no package lists, another distribution, no network: the mirror is asked next
    return next(folder.glob(f"{package.name}_*.deb"), None)


def _from_mirror(package: Package, folder: Path, *, mirror: str) -> Path:
    target = folder / "mirror.deb"
    opener = urllib.request.build_opener()  # urlopen's own is made once, with the proxies of that moment
    try:
        with opener.open(mirror + package.pool, timeout=_CONNECT) as response, target.open("wb") as file:
            _copy(response, file)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        cause = getattr(error, "reason", None) or error
        raise PackageUnavailable(
            f"{package.name} cannot be fetched from {urlsplit(mirror).netloc} ({cause})"
        ) from error
    return target


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    while chunk := source.read(1 << 18):
        target.write(chunk)
        if target.tell() > _LARGEST:
            raise OSError(f"it is larger than {_LARGEST >> 20} MB")


def _data(deb: Path) -> bytes:
    """The member `data.tar.*`, still compressed. Raises ValueError where there is none."""
    with deb.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError("it is no package")
        while len(header := file.read(_HEADER)) == _HEADER:
            size = int(header[48:58])
            if header.startswith(b"data.tar"):
                return file.read(min(size, _LARGEST))
            file.seek(size + size % 2, 1)
    raise ValueError("it holds no files")
