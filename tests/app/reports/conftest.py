"""Galleries whose photos have small JPEGs in the bucket, without the work of developing them."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from app.accounts.models import Studio, User
from app.galleries.models import Gallery, Photo
from tests.app.conftest import new_photo, rendition

COLOURS = ("#cc2222", "#22aa44", "#2244cc", "#ccaa22")


def jpeg(colour: str, *, width: int = 48, height: int = 32) -> bytes:
    """A small JPEG of one colour, progressive as renditions are."""
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "JPEG", quality=90, progressive=True)
    return file.getvalue()


def printable_photo(gallery: Gallery, *, rank: int, filename: str = "", stored: bool = True) -> Photo:
    """A ready photo whose narrowest JPEG is in the bucket, unless it is not to be."""
    photo = new_photo(gallery, rank=rank, **({"filename": filename} if filename else {}))
    small = rendition(photo, "jpeg", 48)
    Photo.objects.filter(pk=photo.pk).update(renditions=[*photo.renditions, small])
    if stored:
        default_storage.save(small["key"], ContentFile(jpeg(COLOURS[rank % len(COLOURS)])))
    photo.refresh_from_db()
    return photo


@pytest.fixture
def full(gallery: Gallery) -> Gallery:
    """A gallery of five photos."""
    for rank in range(1, 6):
        printable_photo(gallery, rank=rank)
    return gallery


def other_member(gallery: Gallery) -> Client:
    """A signed-in member of the gallery's studio."""
    user = User.objects.create_user("eve@example.test", "right")
    Studio.objects.get(pk=gallery.studio_id).memberships.create(user=user)
    client = Client()
    client.force_login(user)
    return client
