"""Moves and sorts against a model of the same list in memory."""

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.models import Gallery, Photo, Section
from app.galleries.ordering import LARGEST_RANK, STEP, SortOrder, Spot, UnknownSpot, move_photos, sort_photos
from app.galleries.sections import move_section
from app.uploads.actions import request_uploads
from app.uploads.files import UploadFile
from tests.app.conftest import elsewhere, new_photo, new_section

pytestmark = pytest.mark.django_db


def shown(gallery: Gallery) -> list[str]:
    return list(gallery.photos.in_order().values_list("filename", flat=True))


def photos(gallery: Gallery, names: str, *, section: Section | None = None, step: int = 1) -> dict[str, uuid.UUID]:
    """One photo a letter, ranked as an upload ranks them."""
    position = section.position if section else 0
    return {
        name: new_photo(gallery, rank=n * step, filename=name, section=section, section_position=position).pk
        for n, name in enumerate(names, 1)
    }


@pytest.mark.parametrize("step", [0, 1, STEP])
@pytest.mark.parametrize(
    ("moved", "spot", "expected"),
    [
        ("d", "a", "adbcef"), ("a", "f", "bcdefa"), ("c", "b", "abcdef"), ("e", "", "eabcdf"), ("a", "", "abcdef"),
        ("fb", "c", "acbfde"), ("ace", "end", "bdface"), ("f", "end", "abcdef"), ("abcdef", "", "abcdef"),
        ("fdb", "", "bdface"),
    ],
)  # fmt: skip
def test_photos_go_where_they_are_put(gallery: Gallery, moved: str, spot: str, expected: str, step: int) -> None:
    ids = photos(gallery, "abcdef", step=step)
    to = Spot(end=True) if spot == "end" else Spot(after=ids.get(spot))
    result = move_photos(gallery, [ids[name] for name in moved], to=to)
    assert "".join(shown(gallery)) == expected
    assert result.section_position == 0
    gallery.refresh_from_db()
    assert gallery.version == 2


def test_a_photo_moves_to_another_section(gallery: Gallery) -> None:
    church, party = new_section(gallery, "Church", position=1), new_section(gallery, "Party", position=2)
    loose, inside = photos(gallery, "ab"), photos(gallery, "cd", section=church)
    dancing = photos(gallery, "ef", section=party)
    move_photos(gallery, [loose["a"]], to=Spot(after=inside["c"]))
    assert "".join(shown(gallery)) == "bcadef"
    move_photos(gallery, [dancing["f"], loose["a"]], to=Spot(section=church.pk))
    assert "".join(shown(gallery)) == "bafcde"
    move_photos(gallery, [inside["c"]], to=Spot(section=party.pk, end=True))
    assert "".join(shown(gallery)) == "bafdec"
    move_photos(gallery, [inside["c"]], to=Spot())
    assert "".join(shown(gallery)) == "cbafde"
    assert Photo.objects.get(pk=inside["c"]).section is None


@pytest.mark.parametrize("seed", [1, 2])
def test_hundred_moves_are_what_a_list_would_do(gallery: Gallery, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # repeatable on purpose
    ids = photos(gallery, "abcdefgh")
    names, expected = {pk: name for name, pk in ids.items()}, list("abcdefgh")
    for _ in range(100):
        moved = chance.sample(expected, chance.randint(1, 3))
        rest = [name for name in expected if name not in moved]
        at = chance.randint(0, len(rest))
        move_photos(gallery, [ids[name] for name in moved], to=Spot(after=ids[rest[at - 1]] if at else None))
        expected = rest[:at] + [name for name in expected if name in moved] + rest[at:]
        assert [names[pk] for pk in gallery.photos.in_order().values_list("pk", flat=True)] == expected


def test_one_move_writes_one_row_until_the_gap_closes(gallery: Gallery) -> None:
    ids = photos(gallery, "abc", step=STEP)
    others = {pk: rank for pk, rank in gallery.photos.values_list("pk", "rank") if pk != ids["c"]}
    moves = [move_photos(gallery, [ids["c"]], to=Spot(after=ids["a"])).renumbered for _ in range(3)]
    assert moves == [False] * 3
    assert {pk: rank for pk, rank in gallery.photos.values_list("pk", "rank") if pk != ids["c"]} == others
    alternating = [
        move_photos(gallery, [ids[name]], to=Spot(after=ids["a"])).renumbered for name in "bc" * (STEP.bit_length())
    ]
    assert alternating.index(True) >= STEP.bit_length() - 2
    assert alternating.count(True) <= 3
    assert all(rank <= LARGEST_RANK for rank in gallery.photos.values_list("rank", flat=True))


def test_ranks_at_their_end_begin_anew(gallery: Gallery) -> None:
    ids = photos(gallery, "abc")
    Photo.objects.filter(pk=ids["c"]).update(rank=LARGEST_RANK)
    assert move_photos(gallery, [ids["a"]], to=Spot(end=True)).renumbered
    assert "".join(shown(gallery)) == "bca"


def test_more_photos_than_a_usual_gap_holds(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.galleries.ordering.STEP", 4)
    ids = photos(gallery, "abcdefghij", step=4)
    move_photos(gallery, [ids[name] for name in "cdefghij"], to=Spot())
    assert "".join(shown(gallery)) == "cdefghijab"


def test_a_move_asks_a_fixed_number_of_questions(
    gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = photos(gallery, "abcdefghijklmnopqrstuvwxyz", step=STEP)
    for moved in ("z", "abcdefghijklmnopqrstuvwxy"):
        with django_assert_num_queries(7):  # savepoint, lock, count, next rank, update, version, release
            move_photos(gallery, [ids[name] for name in moved], to=Spot())


def test_unknown_photos_neighbours_and_sections_move_nothing(gallery: Gallery, foreign: Gallery) -> None:
    ids, theirs = photos(gallery, "ab"), photos(foreign, "c")
    section = new_section(foreign, "Theirs", position=1)
    for moved, to in [
        ([ids["b"], theirs["c"]], Spot()), ([], Spot()), ([ids["b"]], Spot(after=theirs["c"])),
        ([ids["b"]], Spot(after=ids["b"])), ([ids["b"]], Spot(section=section.pk)),
        ([ids["b"]], Spot(after=uuid.uuid4())),
    ]:  # fmt: skip
        with pytest.raises(UnknownSpot):
            move_photos(gallery, moved, to=to)
    assert shown(gallery) == ["a", "b"]
    assert shown(foreign) == ["c"]
    with pytest.raises(Gallery.DoesNotExist):
        move_photos(Gallery(pk=uuid.uuid4()), [ids["a"]], to=Spot())


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("captured", "IMG_9.jpg IMG_10.jpg b.jpg a.jpg"),
        ("filename", "a.jpg b.jpg IMG_9.jpg IMG_10.jpg"),
        ("uploaded", "IMG_10.jpg b.jpg IMG_9.jpg a.jpg"),
    ],
)
def test_photos_are_sorted(gallery: Gallery, foreign: Gallery, by: SortOrder, expected: str) -> None:
    moment = datetime(2026, 6, 20, 14, tzinfo=UTC)
    new_photo(gallery, rank=3, filename="IMG_10.jpg", taken_at=moment)
    new_photo(gallery, rank=1, filename="b.jpg", taken_at=moment.replace(hour=15))
    new_photo(gallery, rank=2, filename="IMG_9.jpg", taken_at=moment)  # the same second: by file name
    new_photo(gallery, rank=0, filename="a.jpg")  # no camera said when
    photos(foreign, "ba")
    sort_photos(gallery, by=by)
    assert shown(gallery) == expected.split()
    assert shown(foreign) == ["b", "a"]
    gallery.refresh_from_db()
    assert gallery.version == 2


def test_sections_are_sorted_each_for_itself_or_alone(gallery: Gallery) -> None:
    church, party = new_section(gallery, "Church", position=1), new_section(gallery, "Party", position=2)
    photos(gallery, "ba")
    photos(gallery, "dc", section=church)
    photos(gallery, "fe", section=party)
    sort_photos(gallery, by="filename", section=church)
    assert "".join(shown(gallery)) == "bacdfe"
    sort_photos(gallery, by="filename")
    assert "".join(shown(gallery)) == "abcdef"


def test_file_names_of_every_kind_can_be_sorted(gallery: Gallery) -> None:
    names = ["9" * 255, "\u202e.jpg", "%s", "0", "ü'\";--", "7x", "07x"]
    for n, name in enumerate(names):
        new_photo(gallery, rank=n, filename=name)
    sort_photos(gallery, by="filename")
    assert sorted(shown(gallery)) == sorted(names)


@pytest.mark.django_db(transaction=True)
def test_moves_and_uploads_at_once_wait_for_each_other(gallery: Gallery) -> None:
    ids = list(photos(gallery, "abcdefgh").values())
    together = threading.Barrier(3)

    def move(part: list[uuid.UUID]) -> None:
        together.wait(timeout=10)
        for pk in part:
            move_photos(gallery, [pk], to=Spot())

    def upload() -> None:
        together.wait(timeout=10)
        for n in range(4):
            file = UploadFile(name=str(n), size=1, content_type="image/jpeg", sha256=f"{n:064x}")
            request_uploads(gallery, [file])

    with ThreadPoolExecutor(max_workers=3) as pool:
        calls = [pool.submit(elsewhere, lambda part=part: move(part)) for part in (ids[:4], ids[4:])]
        calls.append(pool.submit(elsewhere, upload))
        for call in calls:
            call.result(timeout=20)
    assert len(shown(gallery)) == 12
    assert [name for name in shown(gallery) if name.isdigit()] == ["0", "1", "2", "3"]
    assert [name for name in shown(gallery) if name in "dcba"] == ["d", "c", "b", "a"]


def test_section_is_sorted_where_it_is_now(gallery: Gallery) -> None:
    first, second = (new_section(gallery, title, position=n) for n, title in enumerate(("One", "Two"), 1))
    photos(gallery, "ba", section=first)
    photos(gallery, "dc", section=second)
    move_section(Section.objects.get(pk=first.pk), to="down")
    sort_photos(gallery, by="filename", section=first)
    assert shown(gallery) == ["d", "c", "a", "b"]
    Section.objects.filter(pk=first.pk).delete()
    with pytest.raises(Section.DoesNotExist):
        sort_photos(gallery, by="filename", section=first)
