import base64
import re
import subprocess
import sys
from urllib.parse import unquote

from app.sharing.qr import code_of

ADDRESS = "https://loupe.example/s/" + "a" * 32 + "/"


def test_code_is_the_same_in_every_form_and_harmless_in_a_page() -> None:
    code = code_of(ADDRESS)
    assert re.fullmatch(r'<svg viewBox="0 0 41 41" class="qr__code"><path [^<>]*/></svg>', code.inline)
    assert "style" not in code.inline
    squares = re.findall(r'd="([^"]+)"', code.inline)
    assert squares[0] in unquote(code.svg)
    png = base64.b64decode(code.png.removeprefix("data:image/png;base64,"))
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 820


def test_other_addresses_are_other_codes() -> None:
    assert code_of(ADDRESS).inline != code_of(ADDRESS.replace("a", "b")).inline


def test_drawing_is_loaded_only_where_it_is_needed() -> None:
    program = (
        "import django, sys; django.setup(); from django.urls import get_resolver; "
        "get_resolver().url_patterns; import app.sharing.qr; sys.exit('segno' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
