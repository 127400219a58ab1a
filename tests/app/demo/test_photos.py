import hashlib
from pathlib import Path

import pytest
from PIL import Image

from app.demo.photos import LICENCES, PHOTOS, SOURCE
from app.uploads.files import clean_name
from tests.samples.fixtures import samples
from tests.samples.photos import Samples

__all__ = ["samples"]

CREDITS = Path(__file__).parents[3] / "docs" / "credits.md"


def test_a_dozen_each_once() -> None:
    assert len(PHOTOS) == 12
    for attribute in ("file", "sha256", "filename", "source"):
        assert len({getattr(photo, attribute) for photo in PHOTOS}) == 12


def test_the_name_of_each_upload_is_its_credit() -> None:
    for photo in PHOTOS:
        assert photo.author in photo.filename
        assert photo.licence in photo.filename
        assert clean_name(photo.filename) == photo.filename


def test_all_are_credited_in_the_documentation() -> None:
    text = CREDITS.read_text()
    for photo in PHOTOS:
        licence = f"[{photo.licence}]({LICENCES[photo.licence]})"
        assert f"| {photo.title} | {photo.author} | {licence} | `{photo.source}` |" in text
    assert SOURCE in text


@pytest.mark.samples
def test_the_packages_hold_what_was_pinned(samples: Samples) -> None:
    shapes = []
    for photo in PHOTOS:
        path = samples.root / photo.package.name / "usr/share/backgrounds" / photo.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == photo.sha256
        with Image.open(path) as image:
            shapes.append(image.width > image.height)
    assert (shapes.count(True), shapes.count(False)) == (10, 2)
    assert shapes[0]  # the cover lies on its side
