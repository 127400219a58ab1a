"""The app's configuration."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.tasks.signals import task_finished


class GalleriesConfig(AppConfig):
    """Galleries, photos and share links."""

    name = "app.galleries"
    label = "galleries"

    def ready(self) -> None:
        """Listen for tasks that gave up, so that no photo stays unfinished for ever, and for who signs out."""
        from app.galleries.files import note_sign_out
        from app.galleries.signals import fail_photo_of_dead_task

        task_finished.connect(fail_photo_of_dead_task, dispatch_uid="app.galleries.fail_photo_of_dead_task")
        user_logged_out.connect(note_sign_out, dispatch_uid="app.galleries.note_sign_out")
