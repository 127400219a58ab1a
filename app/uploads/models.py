"""Uploads in parts that have begun and not ended."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from app.accounts.models import Studio
from app.galleries.models import Photo

# How long a studio's room is held for a file that was announced, and its parts are kept, after the last sign of it.
HELD_FOR = timedelta(days=1)


class Multipart(models.Model):
    """S3's name for the upload of a photo in parts. It stays on the server: browsers name the photo."""

    photo = models.OneToOneField(Photo, primary_key=True, on_delete=models.CASCADE, related_name="multipart")
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="+")
    upload_id = models.TextField()
    # Of this upload: another release may cut files in another way.
    part_bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.photo_id} in parts"
