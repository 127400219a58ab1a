from typing import Any

import pytest

from app.uploads.files import InvalidUpload, clean_name, parse_upload

GOOD: dict[str, Any] = {"name": "a.jpg", "size": 1, "type": "image/jpeg", "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("IMG_1.JPG", "IMG_1.JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fotos\\été.jpg", "été.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\r\nc\u200b.jpg", "abc.jpg"),
        ("lone \ud800 surrogate.jpg", "lone surrogate.jpg"),
        ("e\u0301.jpg", "é.jpg"),
        ("  two   spaces .jpg ", "two spaces .jpg"),
        ("<b>&.jpg", "<b>&.jpg"),  # harmless as text: templates escape
        ("..", ""),
        ("photos/", ""),
        ("\u202e", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_clean_name(name: object, clean: str) -> None:
    assert clean_name(name) == clean


def test_good_file_is_taken_as_it_is() -> None:
    file = parse_upload(GOOD)
    assert (file.name, file.size, file.content_type, file.sha256) == ("a.jpg", 1, "image/jpeg", "0" * 64)


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif"])
def test_every_kind_of_photo_is_taken(kind: str) -> None:
    assert parse_upload(GOOD | {"type": kind}).content_type == kind


def test_limits_themselves_are_allowed() -> None:
    assert parse_upload(GOOD | {"size": 200 * 2**20, "name": "a" * 255})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": ""}, "no name"),
        ({"name": "a" * 256}, "longer than 255"),
        ({"size": 0}, "empty"),
        ({"size": 200 * 2**20 + 1}, "larger than 200 MB"),
        ({"size": -1}, "size of this file is unknown"),
        ({"size": 1.5}, "size of this file is unknown"),
        ({"size": True}, "size of this file is unknown"),
        ({"size": "1"}, "size of this file is unknown"),
        ({"type": "text/html"}, "not a photo"),
        ({"type": ["image/jpeg"]}, "not a photo"),
        ({"sha256": "0" * 63}, "could not be read"),
        ({"sha256": "A" * 64}, "could not be read"),
        ({"sha256": "0" * 64 + "\n"}, "could not be read"),
        ({"sha256": None}, "could not be read"),
    ],
)
def test_bad_file_is_refused_with_a_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidUpload, match=reason):
        parse_upload(GOOD | change)


@pytest.mark.parametrize("item", [None, [], "a.jpg", 1])
def test_what_is_no_file_is_refused(item: object) -> None:
    with pytest.raises(InvalidUpload):
        parse_upload(item)
