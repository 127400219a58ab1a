from pathlib import Path

import pytest

from serverless.db.certificates import ROOTS
from serverless.deploy.roots import main, sorted_by_file
from tests.serverless.db.tls import make_authority

FRANKFURT = ROOTS / "eu-central-1.pem"


def test_a_script_and_a_bundle_give_the_same_files(tmp_path: Path) -> None:
    bundle = FRANKFURT.read_text() + (ROOTS / "proxy.pem").read_text()
    lines = "' +\n        '".join(line + "\\n" for line in bundle.splitlines() if not line.startswith("#"))
    script = f"exports.defaults = [\n    '{lines}',\n];\n"
    made = sorted_by_file([script])
    assert made == sorted_by_file([bundle])
    assert made == {"eu-central-1.pem": FRANKFURT.read_text(), "proxy.pem": (ROOTS / "proxy.pem").read_text()}


def test_whoever_else_s_are_left_out(tmp_path: Path) -> None:
    root = make_authority(tmp_path)
    assert sorted_by_file([root.read_text(), (tmp_path / "server.pem").read_text(), "nothing"]) == {}


def test_it_says_what_it_writes_and_writes_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "roots"
    assert main([str(FRANKFURT), "--to", str(to)]) == 0
    assert capsys.readouterr().out == f"{to / 'eu-central-1.pem'} is new or has changed\n"
    assert main([str(FRANKFURT), "--to", str(to)]) == 0
    assert capsys.readouterr().out == ""
    assert (to / "eu-central-1.pem").read_text() == FRANKFURT.read_text()
