"""What a photo that goes away gives back."""

from typing import Any

from app.accounts.quota import change_usage
from app.galleries.models import Photo

_KEPT = frozenset({Photo.State.UPLOADED, Photo.State.READY})


def release_room(sender: object, instance: Photo, using: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Take a deleted photo off what its studio keeps, however it was deleted."""
    if instance.state in _KEPT:
        change_usage(instance.studio_id, by=-instance.bytes, using=using)
