"""The page of costs and its picture are what the templates and the prices say."""

import re

from benchmarks import costs

WRITE = "python -m benchmarks.costs"


def test_the_page_is_what_the_templates_say() -> None:
    assert costs.PAGE.read_text("utf-8") == costs.markdown(), WRITE


def test_the_picture_is_what_the_page_says() -> None:
    assert costs.PICTURE.read_text("utf-8") == costs.picture(), WRITE


def test_the_picture_names_both_profiles_in_light_and_dark() -> None:
    said = costs.picture()
    assert re.findall(r'<text class="[ab]"[^>]*>(\w+)</text>', said) == ["standard", "frugal"]
    assert 'aria-label="What Loupe costs' in said
    assert "prefers-color-scheme: dark" in said


def test_more_photographs_never_cost_less() -> None:
    for config in costs.profiles().values():
        sums = [costs.paid(config, photos) for photos in range(0, 30_001, 3_000)]
        assert sums == sorted(sums)


def test_lines_stay_inside_of_the_picture() -> None:
    width, height = (float(side) for side in re.findall(r'viewBox="0 0 (\d+) (\d+)"', costs.picture())[0])
    for path in re.findall(r'class="line \w" d="([^"]+)"', costs.picture()):
        for x, y in re.findall(r"([\d.]+) ([\d.]+)", path):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
