import subprocess
from pathlib import Path

import pytest

from serverless.deploy.package.config import PackageConfig
from serverless.deploy.package.exceptions import NamesCollide, TreeInvalid
from serverless.deploy.package.project import MARK, overlay, stage
from tests.serverless.deploy.package.conftest import Write

FILES = {
    "manage.py": "",
    "shop/views.py": "x = 1\n",
    "shop/tests/test_views.py": "",
    "docs/a.md": "",
    "build/tree/shop/views.py": "",
    "node_modules/a/b.js": "",
    ".hg/config": "",
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


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


def test_what_a_commit_would_hold_is_staged_and_nothing_that_git_ignores(write: Write, tmp_path: Path) -> None:
    names = (
        "shop/views.py shop/gone.py shop/new.py ca.pem clients.dump secrets.json shop/secrets.json shop/locale/a.mo "
        "node_modules/a/b.js lib/inner.py lib/secrets.json"
    )
    base = write(dict.fromkeys(names.split(), "") | {".gitignore": "*.dump\nsecrets.json\n*.mo\nnode_modules\n"})
    (base / "node_modules/link").symlink_to(base)
    git(base / "lib", "init", "-q")  # a repository in this one
    (base / "lib/.gitignore").write_text("secrets.json\n")
    git(base, "init", "-q")
    git(base, "add", "shop/views.py", "shop/gone.py", "ca.pem")
    (base / "shop/gone.py").unlink()
    stage(base, tmp_path / "new", PackageConfig())
    assert files(tmp_path / "new") == {"shop/views.py", "shop/new.py", "ca.pem", "lib/inner.py"}
    # What is built and never committed.
    stage(base, tmp_path / "kept", PackageConfig(keep=("*.mo",)))
    assert files(tmp_path / "kept") - files(tmp_path / "new") == {"shop/locale/a.mo"}
    # A folder in a work tree that has another one's rules, or none.
    stage(base / "shop", tmp_path / "shop", PackageConfig())
    assert files(tmp_path / "shop") == {"views.py", "new.py"}


def test_a_folder_that_the_work_tree_leaves_out_is_staged_as_it_is(write: Write, tmp_path: Path) -> None:
    base = write({".gitignore": "built\n", "built/shop.py": ""})
    git(base, "init", "-q")
    assert stage(base / "built", tmp_path / "new", PackageConfig()) == 1


def test_where_git_does_not_answer_nothing_is_guessed(write: Write, tmp_path: Path) -> None:
    base = write({"shop.py": "", ".git/config": "no repository"})
    with pytest.raises(TreeInvalid, match=r"git does not say what of .* belongs to the project: fatal: "):
        stage(base, tmp_path / "new", PackageConfig())


@pytest.mark.parametrize("name", ["server.pem", "id.key", "clients.sql", "db.dump"])
def test_without_git_what_may_be_a_secret_is_asked_for(write: Write, tmp_path: Path, name: str) -> None:
    base = write({"shop.py": "", name: "", "shop/sql/view.sql": ""})
    with pytest.raises(TreeInvalid, match=rf"{name} may be a secret or a copy of data, .*name it in keep or remove"):
        stage(base, tmp_path / "new", PackageConfig())
    assert stage(base, tmp_path / "kept", PackageConfig(keep=(name,))) == 3
    assert stage(base, tmp_path / "removed", PackageConfig(remove=(name,))) == 2


def test_what_packaging_has_made_is_staged_never(write: Write, tmp_path: Path) -> None:
    base = write({"shop.py": "", f"build/package/{MARK}": "", "build/package/package.zip": ""})
    (base / "build/package/link").symlink_to(base)
    assert stage(base, tmp_path / "new", PackageConfig()) == 1


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
