"""Two studios, and photos in every state without the work of developing them."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from PIL import Image

from app.accounts.models import Membership, Studio, User
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery, Photo, Section, StoredRendition


@pytest.fixture
def studio() -> Studio:
    return Studio.objects.create(slug="ours", name="Our Studio")


@pytest.fixture
def member(studio: Studio) -> User:
    user = User.objects.create_user("ada@example.test", "right")
    Membership.objects.create(studio=studio, user=user)
    return user


@pytest.fixture
def studio_client(client: Client, member: User) -> Client:
    client.force_login(member)
    return client


@pytest.fixture
def gallery(studio: Studio) -> Gallery:
    return create_gallery(studio, title="Ada & Charles")


@pytest.fixture
def foreign() -> Gallery:
    """A gallery of another studio."""
    return create_gallery(Studio.objects.create(slug="theirs", name="Their Studio"), title="Theirs")


def new_photo(gallery: Gallery, *, state: str = "ready", rank: int = 0, **fields: Any) -> Photo:
    """Insert a photo as it is in `state`."""
    photo = unsaved_photo(gallery, state=state, rank=rank, **fields)
    photo.save()
    return photo


def unsaved_photo(gallery: Gallery, *, state: str = "ready", rank: int = 0, **fields: Any) -> Photo:
    """The same for `bulk_create`."""
    photo = Photo(studio=gallery.studio, gallery=gallery, state=state, rank=rank, filename=f"{rank}.jpg", bytes=9)
    photo.content_type = "image/jpeg"
    photo.sha256 = hashlib.sha256(photo.pk.bytes).hexdigest()
    if state == "ready":
        photo.width, photo.height, photo.colour = 1500, 1000, "#336699"
        photo.renditions = [rendition(photo, name, width) for name in ("avif", "webp", "jpeg") for width in (480, 1280)]
    if state == "failed":
        photo.error = "This file is cut off."
    for name, value in fields.items():
        setattr(photo, name, value)
    return photo


def new_section(gallery: Gallery, title: str, *, position: int) -> Section:
    """Insert a section; its slug is the title in lower case."""
    return Section.objects.create(
        studio=gallery.studio, gallery=gallery, title=title, slug=title.lower(), position=position
    )


def rendition(photo: Photo, kind: str, width: int) -> StoredRendition:
    key = photo.rendition_key(str(width), extension=kind, recipe="r")
    return {"name": str(width), "format": kind, "width": width, "height": width * 2 // 3, "key": key}


def jpeg(*, width: int = 64, height: int = 48, exif: Image.Exif | None = None) -> bytes:
    """A small JPEG."""
    file = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "JPEG", exif=exif or Image.Exif())
    return file.getvalue()


def elsewhere[T](call: Callable[[], T]) -> T:
    """What `call` returns in the thread it is run in, with a connection of that thread's own."""
    with closing(connection):
        return call()
