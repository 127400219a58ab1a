"""What photos that go away give back: one statement a deletion, however many they are.

Listens before the deletion, while the database can still add them up.
"""

from typing import Any

from django.db.models import QuerySet, Sum

from app.accounts.quota import change_usage
from app.galleries.models import Gallery, Photo
from app.galleries.queries import PhotoQuerySet

_KEPT = frozenset({Photo.State.UPLOADED, Photo.State.READY})


def release_room(sender: object, instance: Photo, using: str, origin: object, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Take a photo, or all those of a query at their first one, off what the studio keeps.

    `origin` is what `delete` was called on. With a gallery they are taken off by `release_room_of_gallery`.
    """
    if isinstance(origin, Photo) and instance.state in _KEPT:
        change_usage(instance.studio_id, by=-instance.bytes, using=using)
    elif isinstance(origin, PhotoQuerySet) and not origin.room_released:
        origin.room_released = True
        _release(origin, using=using)


def release_room_of_gallery(sender: object, instance: Gallery, using: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Take all photos of a gallery off what its studio keeps."""
    _release(Photo.objects.filter(gallery=instance), using=using)


def _release(photos: QuerySet[Photo], *, using: str) -> None:
    kept = photos.using(using).filter(state__in=_KEPT).order_by().values_list("studio_id").annotate(Sum("bytes"))
    for studio_id, size in kept:
        change_usage(studio_id, by=-size, using=using)
