from pathlib import Path

import pytest

import app.galleries
from app.galleries.models import Gallery, Photo
from app.galleries.pictures import picture, ratio_of, ratio_rules
from tests.app.conftest import new_photo


def test_style_sheet_holds_every_ratio() -> None:
    sheet = Path(app.galleries.__file__).parent / "static" / "galleries" / "ratios.css"
    assert sheet.read_text() == ratio_rules()


@pytest.mark.parametrize(
    ("width", "height", "ratio"), [(3, 2, 150), (2, 3, 67), (1, 1, 100), (9000, 100, 300), (100, 9000, 40)]
)
def test_ratio_is_held_within_the_style_sheet(width: int, height: int, ratio: int) -> None:
    assert ratio_of(Photo(width=width, height=height)) == ratio


@pytest.mark.django_db
def test_picture_offers_the_best_format_first_and_jpeg_last(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    shown = picture(photo)
    assert [source.type for source in shown.sources] == ["image/avif", "image/webp"]
    base = f"/media/{gallery.studio_id}/{gallery.pk}/{photo.pk}/r"
    assert shown.srcset == f"{base}/480.jpeg 480w, {base}/1280.jpeg 1280w"
    assert shown.src == f"{base}/1280.jpeg"
    assert (shown.width, shown.height, shown.ratio) == (1280, 853, "r150")


@pytest.mark.django_db
def test_picture_of_a_single_small_rendition(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    photo.renditions = [r for r in photo.renditions if r["format"] == "jpeg" and r["width"] == 480]
    shown = picture(photo)
    assert shown.sources == ()
    assert shown.width == 480
