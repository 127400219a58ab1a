from pathlib import Path

import pytest

import app.galleries
from app.galleries.models import Gallery
from app.galleries.tiles import colour_class, colour_rules, tiles
from tests.app.conftest import new_photo


def test_style_sheet_holds_every_colour() -> None:
    sheet = Path(app.galleries.__file__).parent / "static" / "galleries" / "colours.css"
    assert sheet.read_text() == colour_rules()


@pytest.mark.parametrize(
    ("colour", "name"), [("#000000", "c000"), ("#ffffff", "c777"), ("#336699", "c134"), ("#1f20ff", "c017"), ("", "")]
)
def test_colour_is_the_nearest_class(colour: str, name: str) -> None:
    assert colour_class(colour) == name
    if name:
        shade = colour_rules().split(f".{name}{{--c:")[1][:7]
        ours, theirs = ([int(text[at : at + 2], 16) for at in (1, 3, 5)] for text in (shade, colour))
        assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) <= 16


@pytest.mark.django_db
def test_tile_names_every_avif_and_one_jpeg(gallery: Gallery) -> None:
    photo = new_photo(gallery, rank=7)
    (tile,) = tiles([photo], start=5)
    base = f"/media/{gallery.studio_id}/{gallery.pk}/{photo.pk}/r"
    assert tile.srcset == f"{base}/480.avif 480w, {base}/1280.avif 1280w"
    assert tile.src == f"{base}/1280.jpeg"
    assert (tile.width, tile.height, tile.ratio, tile.colour) == (1280, 853, "r150", "c134")
    assert (tile.number, tile.rank) == (5, 7)
    assert tile.sizes == "(max-width: 40em) 40vw, 29rem"


@pytest.mark.django_db
def test_tile_of_a_photo_without_avif_still_shows_it(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    photo.renditions = [r for r in photo.renditions if r["format"] == "jpeg" and r["width"] == 480]
    (tile,) = tiles([photo])
    assert tile.srcset == ""
    assert tile.src.endswith("/480.jpeg")
