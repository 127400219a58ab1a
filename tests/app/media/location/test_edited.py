from io import SEEK_CUR, SEEK_END, BytesIO
from random import Random

from app.media.location import Edit, edited


def edit(start: int, end: int, content: bytes) -> Edit:
    return Edit(start=start, end=end, content=content, location=True)


def test_longer_shorter_and_nothing() -> None:
    source = BytesIO(b"0123456789")
    view = edited(source, [edit(0, 1, b"abc"), edit(2, 4, b""), edit(4, 5, b"x"), edit(9, 10, b"end")])
    assert view.read() == b"abc1x5678end"
    assert view.seek(0, SEEK_END) == 12
    assert view.read() == b""


def test_any_place_can_be_read_at_any_time() -> None:
    content = bytes(range(256)) * 100
    whole = content[:300] + b"HERE" + content[310:20_000] + content[20_005:]
    view = edited(BytesIO(content), [edit(300, 310, b"HERE"), edit(20_000, 20_005, b"")])
    random = Random(3)  # noqa: S311 - a seed
    for _ in range(300):
        start, length = random.randrange(len(whole) + 10), random.randrange(9000)
        assert view.seek(start) == start
        assert view.read(length) == whole[start : start + length]
    view.seek(5)
    assert view.seek(-2, SEEK_CUR) == 3


def test_closing_leaves_the_source_open() -> None:
    source = BytesIO(b"0123456789")
    edited(source, []).close()
    assert not source.closed
