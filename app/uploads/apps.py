"""The app's configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_delete


class UploadsConfig(AppConfig):
    """The upload centre."""

    name = "app.uploads"
    label = "uploads"

    def ready(self) -> None:
        """Listen for photos that go away."""
        from app.uploads.signals import release_room

        post_delete.connect(release_room, sender="galleries.Photo", dispatch_uid="app.uploads.release_room")
