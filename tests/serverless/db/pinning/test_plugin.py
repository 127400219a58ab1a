"""pytest in a project of its own, on the tests' server."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
SETTINGS = """
    import os
    from urllib.parse import urlsplit
    url = urlsplit(os.environ["DATABASE_URL"])
    DATABASES = {{"default": {{"ENGINE": "{engine}", "HOST": url.hostname, "PORT": url.port, "USER": url.username,
                             "PASSWORD": url.password, "NAME": "postgres"}}}}
    SECRET_KEY = "x"
    USE_TZ = True
"""
TESTS = """
    import pytest
    from django.db import connection
    from shop import rename

    pytestmark = pytest.mark.usefixtures("unblocked")

    @pytest.fixture
    def unblocked(django_db_blocker):
        with django_db_blocker.unblock():
            yield

    @pytest.fixture
    def prepared():
        rename("SET a.b = 'of a fixture'")

    @pytest.fixture
    def ending():
        yield
        rename("SET a.b = 'of an ending'")

    def test_pins():
        rename("LISTEN photos")

    def test_does_not():
        rename("SET LOCAL a.b = 'c'")

    def test_pins_in_a_fixture(prepared):
        pass

    def test_pins_at_the_end(ending):
        pass

    @pytest.mark.pins("listen")
    def test_pins_on_purpose():
        rename("LISTEN photos")

    @pytest.mark.pins("listen")
    def test_pins_otherwise():
        rename("DISCARD PLANS")

    @pytest.mark.pins("listen")
    def test_does_not_any_more():
        pass

    @pytest.mark.pins("lissen")
    def test_with_a_misspelt_mark():
        pass

    def test_fails_by_itself():
        rename("SET a.b = 'c'")
        assert False, "by itself"
"""
SHOP = """
    from django.db import connection

    def rename(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)  # line 6
"""


def run(project: Path, *, engine: str = "serverless.db.postgresql", options: tuple[str, ...] = ()) -> str:
    for name, text in {"shop_settings": SETTINGS.format(engine=engine), "test_shop": TESTS, "shop": SHOP}.items():
        (project / f"{name}.py").write_text(textwrap.dedent(text))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "serverless.db.pinning.plugin",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [*command, "-rA", "--strict-markers", *options],
        cwd=project,
        env=environ | {"DJANGO_SETTINGS_MODULE": "shop_settings", "PYTHONPATH": f"{ROOT}:{project}"},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.fixture
def said(tmp_path: Path) -> str:
    return run(tmp_path)


def test_tests_that_pin_fail_and_say_where(said: str) -> None:
    outcomes = {
        line.partition(" ")[2].partition(" ")[0].rpartition("::")[2]: line.partition(" ")[0]
        for line in said.splitlines()
        if "::" in line
    }
    assert outcomes == {
        "test_pins": "FAILED",
        "test_does_not": "PASSED",
        "test_pins_in_a_fixture": "ERROR",
        "test_pins_at_the_end": "ERROR",
        "test_pins_on_purpose": "PASSED",
        "test_pins_otherwise": "FAILED",
        "test_does_not_any_more": "FAILED",
        "test_with_a_misspelt_mark": "ERROR",
        "test_fails_by_itself": "FAILED",
    }, said
    assert "pinning: watched" in said
    assert "shop.py:6: notifications go to one session of the server" in said
    assert "    LISTEN photos" in said
    assert "Nothing pinned by listen: take the mark away." in said
    assert "pins() knows no lissen; it knows set, prepared" in said
    assert "AssertionError: by itself" in said


def test_django_s_own_backend_is_watched_too(tmp_path: Path) -> None:
    said = run(tmp_path, engine="django.db.backends.postgresql", options=("-k", "test_pins"))
    assert "shop.py:6: notifications go to one session of the server" in said
    assert "4 failed" not in said
