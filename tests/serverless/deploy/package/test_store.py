import os
from pathlib import Path

import pytest

from serverless.deploy.package.store import Store


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "a").write_text("x")

    store = Store(tmp_path)
    first, second = store.folder("layer", "k", make), store.folder("layer", "k", make)
    assert first == second == tmp_path / "layer" / "k"
    assert (first / "a").read_text() == "x"
    assert len(made) == 1
    store.folder("layer", "other", make)
    assert len(made) == 2


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt])
def test_what_is_interrupted_leaves_nothing(tmp_path: Path, interruption: type[BaseException]) -> None:
    def make(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise interruption

    with pytest.raises(interruption):
        Store(tmp_path).folder("layer", "k", make)
    assert list((tmp_path / "layer").iterdir()) == []


def test_who_is_quicker_wins(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def make(folder: Path) -> None:
        (folder / "late").touch()
        store.folder("layer", "k", lambda other: (other / "early").touch())

    assert [path.name for path in store.folder("layer", "k", make).iterdir()] == ["early"]


def test_the_least_used_go(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(6):
        os.utime(store.folder("zip", str(number), lambda _: None), (number, number))
    store.folder("zip", "0", lambda _: None)  # used again: now
    store.folder("zip", "new", lambda _: None)
    assert {path.name for path in (tmp_path / "zip").iterdir()} == {"0", "2", "3", "4", "5", "new"}
