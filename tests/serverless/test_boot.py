import os
import subprocess
import sys

import pytest

SETTINGS = """
import sys, types
made = types.ModuleType("made")
made.SECRET_KEY, made.ROOT_URLCONF = "x", "made_urls"
made.INSTALLED_APPS = {apps!r}
sys.modules["made"] = made
sys.modules["made_urls"] = types.ModuleType("made_urls")
sys.modules["made_urls"].urlpatterns = []
import gc, os
os.environ["DJANGO_SETTINGS_MODULE"] = "made"
from serverless import boot
try:
    with boot.uncollected():
        assert not gc.isenabled()
        boot.start()
finally:
    print(gc.isenabled(), gc.get_freeze_count() > 0)
"""


@pytest.mark.parametrize(("apps", "fails"), [([], False), (["no_such_app"], True)])
def test_collection_is_on_again_and_a_failure_is_raised(apps: list[str], fails: bool) -> None:
    done = subprocess.run([sys.executable, "-c", SETTINGS.format(apps=apps)], capture_output=True, text=True)
    assert done.stdout.split() == ["True", "True"]
    assert (done.returncode != 0) is fails
    assert ("No module named 'no_such_app'" in done.stderr) is fails


@pytest.mark.parametrize(("kind", "ready"), [("on-demand", False), ("provisioned-concurrency", True)])
def test_url_patterns_are_compiled_where_nobody_waits(kind: str, ready: bool) -> None:
    code = SETTINGS.format(apps=[]) + "from django.urls import get_resolver\nprint(get_resolver()._populated)"
    environ = os.environ | {"AWS_LAMBDA_INITIALIZATION_TYPE": kind}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.stdout.split()[-1] == str(ready), done.stderr
