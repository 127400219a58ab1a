from copy import deepcopy

import pytest
from django.core.cache import cache
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.accounts.models import Studio
from app.galleries.actions import change_gallery, choose_cover
from app.galleries.models import Gallery, Photo
from app.sharing.actions import create_share_link
from app.studio.cards import cards
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db


def card(studio: Studio) -> str:
    (html,) = cards(studio, list(Gallery.objects.of(studio).with_cards()))
    return html


def test_card_is_rendered_once_for_each_version(
    studio: Studio, gallery: Gallery, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    new_photo(gallery)
    first = card(studio)
    with django_assert_num_queries(1):  # the galleries; no cover
        assert card(studio) == first


def test_card_follows_every_change(studio: Studio, gallery: Gallery) -> None:
    tall = new_photo(gallery, width=2, height=3)
    assert f"/{tall.pk}/" in card(studio)
    wide = new_photo(gallery, rank=2)
    assert f"/{wide.pk}/" in card(studio)
    choose_cover(gallery, tall.pk)
    assert f"/{tall.pk}/" in card(studio)
    new_photo(gallery, state="uploaded")
    assert "1 in the works" in card(studio)
    change_gallery(gallery, title="<b>", event_date=None, client="Ada", theme="auto")
    assert "&lt;b&gt;" in card(studio)
    assert "Ada ·" in card(studio)
    create_share_link(gallery, label="Them")
    assert "Published" in card(studio)
    Photo.objects.all().delete()
    assert "No photos yet" in card(studio)


def test_cards_are_shown_without_the_cache(studio: Studio, gallery: Gallery, settings: Settings) -> None:
    changed = deepcopy(settings.CACHES)
    changed["default"]["LOCATION"] = "redis://127.0.0.1:9/0"
    settings.CACHES = changed
    assert cache.get("x") is None
    new_photo(gallery)
    assert gallery.title.partition(" ")[0] in card(studio)
    assert "<picture>" in card(studio)
