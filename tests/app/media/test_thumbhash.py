from base64 import b64decode
from collections.abc import Callable

import pytest

from app.media.thumbhash import encode

Pattern = Callable[[int, int], tuple[int, int, int]]


def pixels(pattern: Pattern, width: int, height: int) -> list[tuple[int, int, int]]:
    return [pattern(x, y) for y in range(height) for x in range(width)]


def weave(x: int, y: int) -> tuple[int, int, int]:
    """Every frequency of every channel is well away from zero, so that no rounding depends on the last bit."""
    return (x * 37 + y * 11) % 256, (x * 5 + y * 71) % 256, (x * y * 3) % 256


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (32, 32, "XvgBFwAQQkNBd3hRdQd2OXdj9P7qms4A"),
        (32, 21, "nggGHYIhVGRAd3dhljeWc96fzp8J"),
        (21, 32, "nvgFHQIwQ2F3N4Q2lnRJWP+unvR6"),
    ],
)
def test_the_reference_implementation_agrees(width: int, height: int, expected: str) -> None:
    """Made with rgbaToThumbHash of the npm package thumbhash 0.1.1, its author's own."""
    assert encode(pixels(weave, width, height), width=width, height=height) == expected


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 32), (32, 1), (2, 2), (32, 24), (7, 13)])
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255), (12, 200, 99)])
def test_one_colour_is_that_colour(width: int, height: int, colour: tuple[int, int, int]) -> None:
    decoded = b64decode(encode(pixels(lambda _x, _y: colour, width, height), width=width, height=height))
    assert _average(decoded) == pytest.approx(colour, abs=9)  # six bits a channel
    assert len(decoded) <= 27


def test_its_shape_is_in_it() -> None:
    wide = b64decode(encode(pixels(weave, 32, 16), width=32, height=16))
    tall = b64decode(encode(pixels(weave, 16, 32), width=16, height=32))
    assert wide[4] >> 7 == 1
    assert tall[4] >> 7 == 0
    assert wide[3] & 7 == tall[3] & 7 == 4  # of seven: about half


def _average(decoded: bytes) -> tuple[float, float, float]:
    """As the reference's thumbHashToAverageRGBA."""
    header = int.from_bytes(decoded[:3], "little")
    lightness = (header & 63) / 63
    yellow_blue = (header >> 6 & 63) / 31.5 - 1
    red_green = (header >> 12 & 63) / 31.5 - 1
    blue = lightness - 2 / 3 * yellow_blue
    red = (3 * lightness - blue + red_green) / 2
    return red * 255, (red - red_green) * 255, blue * 255
