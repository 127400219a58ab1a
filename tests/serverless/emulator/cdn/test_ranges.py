import pytest

from serverless.emulator.cdn.ranges import parse


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=10-19", [(10, 20)]),
        ("bytes=90-", [(90, 100)]),
        ("bytes=90-500", [(90, 100)]),
        ("bytes=-5", [(95, 100)]),
        ("bytes=-500", [(0, 100)]),
        ("Bytes = 0-1", [(0, 2)]),
        ("bytes=0-1, 10-11", [(0, 2), (10, 12)]),
        ("bytes=0-1,-5", [(0, 2), (95, 100)]),
        ("bytes=0-1,200-300", [(0, 2)]),
        ("bytes=100-", []),
        ("bytes=-0", []),
        ("bytes=200-300,400-", []),
    ],
)
def test_ranges_that_count(header: str, spans: list[tuple[int, int]]) -> None:
    assert parse(header, 100) == spans


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2,", "bytes=--5", "items=0-1", "bytes=+1-2",
     "bytes=10-19,0-5", "bytes=0-10,5-20", "bytes=0-10,-95"],
)  # fmt: skip
def test_ranges_that_are_ignored(header: str) -> None:
    assert parse(header, 100) is None
