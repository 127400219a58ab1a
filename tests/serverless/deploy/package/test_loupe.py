"""Loupe itself, slimmed as for a release: its web function starts from the tree and answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

from serverless.deploy.package import load, slim
from tests.trees import ROOT, WEB, copy_packages, copy_project

SCRIPT = """
import json, sys
before = set(sys.modules)
from serverless.handlers.main import handler
from serverless.events import build

class Context:
    aws_request_id, function_name = "1", "web"
    def get_remaining_time_in_millis(self): return 30_000

answers = [handler(build.http_v2(raw_path=path, headers=[("host", "testserver")]), Context())
           for path in ("/sign-in/", "/nothing-here/")]
ours = [module for name, module in list(sys.modules.items()) if name not in before]
files = sorted(file for module in ours if (file := getattr(module, "__file__", None) or ""))
foreign = [file for file in files if "site-packages" in file and not file.startswith(sys.argv[1])]
print(json.dumps({
    "statuses": [answer["statusCode"] for answer in answers],
    "signs in": "Sign in" in answers[0]["body"],
    "foreign": foreign,
    "bundled": sum(type(getattr(module, "__loader__", None)).__module__ == "serverless.bundle" for module in ours),
}))
"""


def test_the_web_function_starts_from_a_slim_tree_and_answers(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    copy_packages(WEB, tree)
    copy_project(tree, "app", "serverless", "settings", "LICENSE")
    report = slim(tree, load(ROOT / "pyproject.toml"), root=str(tree), workers=2)
    assert report.uncompiled == ()
    assert report.after.size < report.before.size
    environ = {name: value for name, value in os.environ.items() if name != "PYTEST_PLUGINS"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tree)],
        cwd=tree, env=environ | {"PYTHONPATH": str(tree)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["statuses"] == [200, 404]
    assert said["signs in"]
    assert said["foreign"] == []
    assert said["bundled"] > 400
