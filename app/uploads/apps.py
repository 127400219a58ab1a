"""The app's configuration."""

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class UploadsConfig(AppConfig):
    """The upload centre."""

    name = "app.uploads"
    label = "uploads"

    def ready(self) -> None:
        """Listen for photos that go away."""
        from app.uploads.signals import release_room, release_room_of_gallery

        pre_delete.connect(release_room, sender="galleries.Photo", dispatch_uid="app.uploads.release_room")
        pre_delete.connect(
            release_room_of_gallery, sender="galleries.Gallery", dispatch_uid="app.uploads.release_room_of_gallery"
        )
