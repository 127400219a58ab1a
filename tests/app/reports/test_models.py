from typing import Any

import pytest
from django.db import IntegrityError, transaction

from app.galleries.models import Gallery
from app.reports.models import Report

pytestmark = pytest.mark.django_db

READY = {"state": "ready", "key": "reports/s/r.pdf", "bytes": 1, "pages": 1}


def make(gallery: Gallery, **fields: Any) -> Report:
    return Report.objects.create(studio=gallery.studio, gallery=gallery, **{"gallery_version": 1} | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "poem"},
        {"state": "lost"},
        READY | {"key": ""},
        READY | {"bytes": None},
        READY | {"bytes": 0},
        READY | {"pages": None},
        {"state": "failed"},
        {"state": "queued", "error": "Why?"},
    ],
)
def test_the_database_refuses(gallery: Gallery, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make(gallery, **fields)


def test_one_of_a_kind_while_it_lives(gallery: Gallery) -> None:
    options = {"paper": "a4", "columns": 4, "captions": True}
    make(gallery, options=options)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(gallery, options=dict(reversed(options.items())), **READY)
    make(gallery, options=options, state="failed", error="No.")
    make(gallery, options=options, gallery_version=2)
    make(gallery, options=options | {"columns": 5})


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ada & Charles", "ada-charles-contact-sheet.pdf"),
        ("写真", "写真-contact-sheet.pdf"),
        ("../..", "gallery-contact-sheet.pdf"),
        ('"; rm', "rm-contact-sheet.pdf"),
    ],
)
def test_the_file_is_called_after_the_gallery(gallery: Gallery, title: str, name: str) -> None:
    gallery.title = title
    assert make(gallery).filename == name


def test_says_what_it_is(gallery: Gallery) -> None:
    assert str(make(gallery)) == "Contact sheet: A4, 4 columns, with file names"
