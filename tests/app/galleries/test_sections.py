import pytest

from app.galleries.models import Gallery, Section
from app.galleries.sections import (
    MOST_SECTIONS,
    TooManySections,
    add_sections,
    delete_section,
    move_section,
    rename_section,
)
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db


def titles(gallery: Gallery) -> list[str]:
    return [section.title for section in gallery.sections.all()]


def test_sections_stand_in_the_order_in_which_they_came(gallery: Gallery, foreign: Gallery) -> None:
    add_sections(foreign, ["Church"])
    add_sections(gallery, ["Church", "Party"])
    (late,) = add_sections(gallery, ["Late"])
    assert titles(gallery) == ["Church", "Party", "Late"]
    assert (late.position, late.studio_id) == (3, gallery.studio_id)
    gallery.refresh_from_db()
    assert gallery.version == 3


def test_slugs_are_free_and_follow_the_title(gallery: Gallery) -> None:
    sections = add_sections(gallery, ["Party!", "party", "日本", "🦊", "x" * 80])
    assert [section.slug for section in sections] == ["party", "party-2", "section", "section-2", "x" * 60]
    rename_section(sections[0], title="Church")
    rename_section(sections[1], title="PARTY")
    assert set(gallery.sections.values_list("title", "slug")) >= {("Church", "church"), ("PARTY", "party")}


def test_sections_swap_with_their_neighbour_and_take_their_photos_along(gallery: Gallery) -> None:
    first, second, third = add_sections(gallery, ["A", "B", "C"])
    photo = new_photo(gallery, section=third, section_position=third.position)
    second.delete()
    assert move_section(third, to="up")  # over the hole
    assert titles(gallery) == ["C", "A"]
    photo.refresh_from_db()
    assert photo.section_position == 1
    assert not move_section(Section.objects.get(title="C"), to="up")
    assert not move_section(Section.objects.get(title="A"), to="down")
    assert move_section(Section.objects.get(title="C"), to="down")
    assert titles(gallery) == ["A", "C"]
    assert first.pk


def test_photos_of_a_deleted_section_go_behind_those_without_one(gallery: Gallery) -> None:
    section, other = add_sections(gallery, ["A", "B"])
    kept = new_photo(gallery, rank=50)
    inside = [new_photo(gallery, rank=n, section=section, section_position=1) for n in (1, 2)]
    beside = new_photo(gallery, rank=0, section=other, section_position=2)
    delete_section(section)
    assert list(gallery.photos.in_order()) == [kept, *inside, beside]
    assert titles(gallery) == ["B"]


def test_sections_are_bounded(gallery: Gallery) -> None:
    add_sections(gallery, [str(n) for n in range(MOST_SECTIONS)])
    with pytest.raises(TooManySections):
        add_sections(gallery, ["one more"])
    assert gallery.sections.count() == MOST_SECTIONS
