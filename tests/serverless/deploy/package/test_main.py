import subprocess
import sys
from pathlib import Path

import pytest

from serverless.deploy.package.__main__ import assemble, main
from serverless.deploy.package.exceptions import TreeInvalid
from tests.serverless.deploy.package.conftest import Write


def test_a_package_is_made_of_packages_and_project(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(
        {
            "packages/shoplib/__init__.py": "",
            "packages/shoplib/tests/a.py": "",
            "project/shop/views.py": "x = 1\n",
            "project/docs/a.md": "",
            "project/.git/config": "",
            "project/.env": "SECRET_KEY=hush",
            "project/env/pyvenv.cfg": "",
            "project/pyproject.toml": '[tool.serverless.package]\nremove = ["docs"]\nbundle = false\n',
        }
    )
    target = base / "project" / "build" / "tree"  # inside of a source, as a Makefile has it
    arguments = [str(base / "packages"), str(base / "project"), "--to", str(target)]
    assert main([*arguments, "--pyproject", str(base / "project" / "pyproject.toml")]) == 0
    kept = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert kept == {"shoplib/__init__.py", "shop/views.py", "pyproject.toml", ".serverless-package"}
    out = capsys.readouterr().out
    assert "  - asked for                   1      0.0" in out
    assert "before" in out
    assert "after" in out
    assert main([*arguments, "--pyproject", "none"]) == 0  # its own tree may be made anew
    assert (base / "project" / ".git" / "config").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{base}/none", "--to", "{base}/new"], "none is not a folder"),
        (["{base}/packages", "--to", "{base}/project"], "project is there already and was not made by this command"),
        (["{base}/packages", "--to", "{base}/n", "--pyproject", "{base}/wrong.toml"], "has no key locales; it knows"),
    ],
)
def test_mistakes_are_told_in_a_line(
    write: Write, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    wrong = '[tool.serverless.package]\nlocales = ["en"]'
    base = write({"packages/a.py": "", "project/mine.py": "", "wrong.toml": wrong})
    assert main([argument.format(base=base) for argument in arguments]) == 1
    assert message in capsys.readouterr().err
    assert (base / "project" / "mine.py").exists()


def test_later_sources_win(write: Write, tmp_path: Path) -> None:
    base = write({"a/x.py": "a", "b/x.py": "b"})
    assemble([base / "a", base / "b"], tmp_path / "new")
    assert (tmp_path / "new" / "x.py").read_text() == "b"
    with pytest.raises(TreeInvalid):
        assemble([base / "a"], base / "b")


def test_help_names_what_configures_it() -> None:
    command = [sys.executable, "-m", "serverless.deploy.package", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "[tool.serverless.package]" in done.stdout
    assert done.stderr == ""
