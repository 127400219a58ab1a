import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from app.galleries.groups import cover_of, grouped
from app.galleries.models import Gallery, Photo, Section
from tests.app.conftest import new_photo, new_section

pytestmark = pytest.mark.django_db


def test_photos_stand_under_their_headings(gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    party, church = new_section(gallery, "Party", position=2), new_section(gallery, "Church", position=1)
    empty = new_section(gallery, "Nobody", position=3)
    dance = new_photo(gallery, section=party, section_position=2, rank=1)
    bells, vows = (new_photo(gallery, section=church, section_position=1, rank=rank) for rank in (9, 4))
    loose = new_photo(gallery, rank=99)
    with django_assert_num_queries(2):
        groups = grouped(gallery.photos.in_order(), gallery.sections.all())
    assert [(group.section, group.photos) for group in groups] == [
        (None, (loose,)), (church, (vows, bells)), (party, (dance,)),
    ]  # fmt: skip
    kept = grouped([], gallery.sections.all(), keep_empty=True)
    assert [group.section for group in kept] == [church, party, empty]


def test_gallery_without_sections_is_one_group(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    (group,) = grouped([photo], [])
    assert (group.section, group.photos) == (None, (photo,))
    assert grouped([], []) == []


def test_section_that_went_meanwhile_loses_its_heading_only(gallery: Gallery) -> None:
    photo = Photo(section=Section(gallery=gallery), section_position=3)
    assert [group.section for group in grouped([photo], [])] == [None]


def test_cover_is_the_chosen_photo_else_the_first_landscape(gallery: Gallery) -> None:
    upright, wide, wider = (new_photo(gallery, rank=n, width=w, height=3) for n, w in enumerate((2, 4, 5)))
    assert cover_of(gallery, []) is None
    assert cover_of(gallery, [upright]) == upright
    assert cover_of(gallery, [upright, wide, wider]) == wide
    gallery.cover = wider
    assert cover_of(gallery, [upright, wide, wider]) == wider
    assert cover_of(gallery, [upright, wide]) == wide
