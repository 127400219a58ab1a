"""What the gallery's page makes a browser fetch and run."""

import gzip
import hashlib
import re
from pathlib import Path

# https://github.com/dimsemenov/PhotoSwipe, as docs/how-to/vendored.md says it was fetched.
PHOTOSWIPE = "542069771beb34dc461cdb9374da8af643c591ebf65d8ec36331dd9a0681ebd4"
LIMIT = 35_000
APP = Path(__file__).resolve().parents[3] / "app"
STATIC = [APP / room / "static" for room in ("web", "galleries", "sharing")]


def find(name: str) -> Path:
    return next(path for folder in STATIC if (path := folder / name).exists())


def scripts(name: str) -> set[Path]:
    """A script and all that it imports, at once or later."""
    path = find(name)
    imported = re.findall(r'(?:from|import)\s*\(?"(\.{1,2}/[^"]+)"', path.read_text())
    folder = Path(name).parent
    names = [str((Path("/") / folder / found).resolve().relative_to("/")) for found in imported]
    return {path}.union(*(scripts(found) for found in names))


def test_scripts_of_the_gallery_page_are_light() -> None:
    others = {find(name) for name in ("web/theme.js", "sharing/renew.js", "sharing/opened.js")}
    found = scripts("sharing/gallery.js") | others
    assert {"photoswipe.esm.min.js", "lightbox.js", "live.js", "thumbhash.js"} <= {path.name for path in found}
    assert sum(len(gzip.compress(path.read_bytes())) for path in found) <= LIMIT


def test_what_is_vendored_is_what_was_published() -> None:
    folder = find("sharing/vendor/photoswipe-5.4.4/photoswipe.esm.min.js").parent
    assert hashlib.sha256((folder / "photoswipe.esm.min.js").read_bytes()).hexdigest() == PHOTOSWIPE
    assert "MIT" in (folder / "LICENSE").read_text()
