import pytest

from app.reports.layout import FOOT, MARGIN, PAPERS, Cell, Chapter, Frame, Heading, Layout, Page
from app.reports.options import ContactSheetOptions, Paper


def frames(count: int, *, width: int = 480, height: int = 320, first: int = 1) -> list[Frame]:
    return [
        Frame(number=n, filename=f"{n}.jpg", key=f"k{n}", width=width, height=height)
        for n in range(first, first + count)
    ]


def pages(*chapters: Chapter, **options: object) -> list[Page]:
    return list(Layout.of(ContactSheetOptions(**options)).pages(chapters))  # type: ignore[arg-type]


def cells(page: Page) -> list[Cell]:
    return [item for item in page if isinstance(item, Cell)]


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("columns", [3, 4, 5, 6])
@pytest.mark.parametrize("captions", [True, False])
def test_every_photo_is_placed_once_in_order_on_the_paper(paper: Paper, columns: int, captions: bool) -> None:
    mixed = [*frames(60), *frames(60, width=320, height=480, first=61), *frames(3, width=4000, height=300, first=121)]
    found = pages(Chapter(title="", frames=mixed), paper=paper, columns=columns, captions=captions)
    placed = [cell for page in found for cell in cells(page)]
    assert [cell.frame.number for cell in placed] == list(range(1, 124))
    width, height = PAPERS[paper]
    for cell in placed:
        assert cell.width / cell.height == pytest.approx(cell.frame.width / cell.frame.height)
        assert MARGIN - 0.01 <= cell.x <= cell.x + cell.box <= width - MARGIN + 0.01
        assert cell.width <= cell.box + 0.01
        assert (cell.caption_y if captions else cell.y) >= MARGIN + FOOT - 0.01
        assert cell.y + cell.height <= height - MARGIN


def test_photos_of_a_page_do_not_overlap() -> None:
    (page, *_) = pages(Chapter(title="One", frames=frames(30, width=300, height=480)))
    placed = cells(page)
    for one in placed:
        for other in placed:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert one is other or apart or one.y + one.height <= other.caption_y or other.y + other.height <= one.y


def test_a_page_of_a4_takes_six_rows_of_four() -> None:
    assert [len(cells(page)) for page in pages(Chapter(title="", frames=frames(50)))] == [24, 24, 2]


def test_a_chapter_begins_with_its_title_and_a_new_row() -> None:
    (page,) = pages(Chapter(title="Church", frames=frames(2)), Chapter(title="Dinner", frames=frames(2, first=3)))
    assert [item.title if isinstance(item, Heading) else item.frame.number for item in page] == [
        "Church", 1, 2, "Dinner", 3, 4,
    ]  # fmt: skip
    church, _, dinner, _ = cells(page)
    assert church.x == dinner.x
    assert dinner.y < church.y


def test_a_title_never_stands_alone_at_the_foot_of_a_page() -> None:
    for count in range(1, 40):
        for page in pages(Chapter(title="A", frames=frames(count)), Chapter(title="B", frames=frames(1, first=99))):
            assert isinstance(page[-1], Cell)


def test_no_photos_are_no_pages() -> None:
    assert pages() == []
    assert pages(Chapter(title="Empty", frames=[])) == []
