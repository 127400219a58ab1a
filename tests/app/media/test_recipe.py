import os
import re
import subprocess
import sys
from pathlib import Path

from app.media import ENCODERS, RECIPE_HASH, SIZES

ROOT = Path(__file__).parents[3]


def _python(code: str, **environment: str) -> str:
    command = [sys.executable, "-c", code]
    environ = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environ).stdout.strip()


def test_the_hash_is_the_same_in_every_process() -> None:
    code = "from app.media import RECIPE_HASH; print(RECIPE_HASH)"
    assert {_python(code, PYTHONHASHSEED=seed) for seed in ("1", "2")} == {RECIPE_HASH}
    assert re.fullmatch(r"[0-9a-f]{10}", RECIPE_HASH)


def test_the_hash_of_today() -> None:
    """A change of the recipe is meant to fail here: renditions will get new keys. Write the new hash down."""
    assert RECIPE_HASH == "903e7006ee"


def test_every_file_name_is_its_own() -> None:
    assert len({encoder.extension for encoder in ENCODERS}) == len(ENCODERS)
    assert sorted(SIZES.values()) == list(SIZES.values())


def test_building_urls_loads_no_image_library() -> None:
    assert _python("import sys, app.media; print('PIL' in sys.modules, 'pi_heif' in sys.modules)") == "False False"
