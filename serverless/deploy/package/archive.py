"""A zip of which the same files make the same bytes: on another path, on another day, by another user.

So a release that changes nothing is known by its hash, and a hash names what runs. Entries are sorted within each
tree; each has the first time that a zip can hold and one of two modes, whatever umask its file was made with: a
function runs as another user than who unpacks. The bytes are those of one build of zlib.
"""

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serverless.deploy.package.exceptions import TreeInvalid

__all__ = ["Digest", "append", "digest", "unpack", "write"]

_FIRST_TIME: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3  # the system whose modes external_attr holds
_FILE: Final = 0o100644
_PROGRAM: Final = 0o100755
# Of Loupe's packages, CPU: 1.4 s for 51.4 MB by level 1, 2.6 s for 48.1 by 6, 7.5 s for 47.9 by 9.
_LEVEL: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    sha256: str
    """In hexadecimal digits."""
    code_sha256: str
    """In base64, as Lambda's CodeSha256: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html"""


def write(target: Path, tree: Path) -> None:
    """Write all files below ``tree`` to the new zip ``target``. Raises TreeInvalid for links and sockets."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        _add(archive, tree)


def append(target: Path, base: Path, tree: Path) -> None:
    """Write to ``target`` the entries of the zip ``base`` as they are compressed, and after them those of ``tree``."""
    shutil.copyfile(base, target)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        _add(archive, tree)


def digest(path: Path) -> Digest:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    return Digest(sha256=found.hexdigest(), code_sha256=base64.b64encode(found.digest()).decode())


def unpack(path: Path, target: Path) -> None:
    """Unpack the zip ``path`` into the new folder ``target``, with the modes of its entries, as Lambda does."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(target)
        for entry in archive.infolist():
            (target / entry.filename).chmod(entry.external_attr >> 16 & 0o777)


def _add(archive: zipfile.ZipFile, tree: Path) -> None:
    for name, path in _files(tree):
        entry = zipfile.ZipInfo(name, _FIRST_TIME)
        entry.create_system = _UNIX
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (_PROGRAM if path.stat().st_mode & 0o111 else _FILE) << 16
        archive.writestr(entry, path.read_bytes(), compresslevel=_LEVEL)


def _files(tree: Path) -> Iterable[tuple[str, Path]]:
    found: dict[str, Path] = {}
    for folder, folders, names in tree.walk():
        for name in (*folders, *names):
            path = folder / name
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise TreeInvalid(f"{path} is a link or no file, and a zip for Lambda has files only: replace it.")
        found |= {(folder / name).relative_to(tree).as_posix(): folder / name for name in names}
    return sorted(found.items())
