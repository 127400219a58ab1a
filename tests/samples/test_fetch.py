from pathlib import Path

import pytest

from tests import samples


def test_what_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*samples.DEBIAN, *samples.PYPI):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(samples, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", "")
    assert samples.fetch() is None


def test_a_system_without_apt_is_named_as_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "CACHE", tmp_path / "samples")
    monkeypatch.setattr(samples, "DEBIAN", ("mate-backgrounds",))
    monkeypatch.setattr(samples, "PYPI", {})
    monkeypatch.setenv("PATH", "")
    reason = samples.fetch()
    assert reason == "mate-backgrounds: it is a Debian package, and this system has no apt-get and dpkg-deb"
    assert samples.missing() == ["mate-backgrounds"]
    assert list((tmp_path / "samples").iterdir()) == []


def test_a_failed_command_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "CACHE", tmp_path / "samples")
    monkeypatch.setattr(samples, "DEBIAN", ())
    monkeypatch.setattr(samples, "PYPI", {"pillow": "pillow==13.0.0"})
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_NO_CACHE_DIR": "1"}.items():
        monkeypatch.setenv(name, value)
    reason = samples.fetch()
    assert reason is not None
    assert "-m pip" in reason
    assert "failed: ERROR: Could not find a version that satisfies the requirement pillow==13.0.0" in reason
