from pathlib import Path

import pytest

from serverless.deploy.package.config import PackageConfig
from serverless.deploy.package.exceptions import NamesCollide, TreeInvalid
from serverless.deploy.package.project import overlay, stage
from tests.serverless.deploy.package.conftest import Write

FILES = {
    "manage.py": "",
    "shop/views.py": "x = 1\n",
    "shop/tests/test_views.py": "",
    "docs/a.md": "",
    "build/tree/shop/views.py": "",
    "node_modules/a/b.js": "",
    ".git/config": "",
    ".env": "SECRET_KEY=hush",
    "env/pyvenv.cfg": "",
    "pyproject.toml": "",
    "db.sqlite3": "people",
    "shop-production-1700000000.zip": "",
}
CONFIG = PackageConfig(remove=("docs", "node_modules"))


def files(tree: Path) -> set[str]:
    return {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}


def test_what_a_function_reads_is_staged(write: Write, tmp_path: Path) -> None:
    base = write(FILES)
    (base / "manage.py").chmod(0o755)
    count = stage(base, tmp_path / "new", CONFIG, apart={(base / "build").resolve()})
    assert files(tmp_path / "new") == {"manage.py", "shop/views.py"}
    assert count == 2
    assert (tmp_path / "new/manage.py").stat().st_mode & 0o100


def test_what_is_asked_for_inside_of_what_goes_is_kept(write: Write, tmp_path: Path) -> None:
    kept = PackageConfig(remove=("docs", "node_modules", "build"), keep=("docs/a.md",))
    stage(write(FILES), tmp_path / "new", kept)
    assert files(tmp_path / "new") == {"manage.py", "shop/views.py", "docs/a.md"}


@pytest.mark.parametrize("target", ["shop", "manage.py", "nothing"])
def test_a_link_is_refused_by_name_unless_it_stays_behind(write: Write, tmp_path: Path, target: str) -> None:
    base = write(FILES)
    (base / "linked").symlink_to(base / target)
    (base / ".venv").symlink_to(base / "shop")
    with pytest.raises(TreeInvalid, match=r'linked is a link .* \(remove = \["linked"\]'):
        stage(base, tmp_path / "new", CONFIG)
    stage(base, tmp_path / "other", PackageConfig(remove=("linked",)))


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TreeInvalid, match=r"is it the folder with manage\.py"):
        stage(tmp_path / "empty", tmp_path / "new", CONFIG)


def test_both_parts_are_seen_in_one_folder(write: Write, tmp_path: Path) -> None:
    base = write({"a/shop/x.py": "x", "a/acme/one/a.py": "1", "b/django/y.py": "y", "b/acme/two/b.py": "2"})
    overlay(tmp_path / "all", base / "a", base / "b")
    found = {str(path) for path in ("shop/x.py", "acme/one/a.py", "django/y.py", "acme/two/b.py")}
    assert all((tmp_path / "all" / path).read_text() for path in found)


@pytest.mark.parametrize(
    "files", [{"a/redis/__init__.py": "", "b/redis/__init__.py": ""}, {"a/six.py": "", "b/six.py": ""},
              {"a/acme/x.py": "", "b/acme/x.py": ""}, {"a/acme/x.py": "", "b/acme/__init__.py": ""}],
)  # fmt: skip
def test_a_name_that_both_have_is_refused(write: Write, tmp_path: Path, files: dict[str, str]) -> None:
    base = write(files)
    with pytest.raises(NamesCollide, match=r"has the name of something that requirements\.txt installs"):
        overlay(tmp_path / "all", base / "a", base / "b")
