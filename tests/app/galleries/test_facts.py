import pytest

from app.galleries.facts import facts


def test_everything_in_the_words_of_photographers() -> None:
    exif: dict[str, str | float] = {
        "taken_at": "2023-02-01T14:33:08", "iso": 125, "shutter": 0.00826446, "aperture": 1.5, "focal_length": 5.7,
        "lens": "Summicron", "camera": "Leica M11",
    }  # fmt: skip
    assert facts(exif) == [
        ("Camera", "Leica M11"),
        ("Lens", "Summicron"),
        ("Focal length", "5.7 mm"),
        ("Aperture", "f/1.5"),
        ("Shutter", "1/121 s"),
        ("ISO", "125"),
        ("Taken", "1 February 2023, 14:33"),
    ]


def test_what_is_unknown_is_not_mentioned() -> None:
    assert facts({}) == []
    assert facts({"iso": 100}) == [("ISO", "100")]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(1 / 8000, "1/8000 s"), (0.25, "1/4 s"), (0.3, "0.3 s"), (1, "1 s"), (2.5, "2.5 s"), (1200, "1200 s")],
)
def test_shutter(seconds: float, shown: str) -> None:
    assert facts({"shutter": seconds}) == [("Shutter", shown)]
