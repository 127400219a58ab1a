"""Tasks of the upload centre: taking ids, safe to run twice."""

import uuid

from django.utils import timezone

from app.uploads.models import HELD_FOR, Multipart
from serverless.storage import abort_multipart
from serverless.tasks import task


@task
def drop_unfinished_parts(photo_id: str) -> str:
    """Abort an upload in parts that nobody has continued for a day; returns what was done.

    One that goes on is looked at again later. Raises MultipartFailed where S3 is away: the task is run again.
    """
    multipart = Multipart.objects.filter(photo=uuid.UUID(photo_id)).select_related("photo").first()
    if multipart is None:
        return "ended"
    photo = multipart.photo
    ends = photo.updated_at + HELD_FOR
    if ends > timezone.now():
        drop_unfinished_parts.using(run_after=ends).enqueue(photo_id)
        return "continued"
    abort_multipart(photo.incoming_key, upload_id=multipart.upload_id)
    multipart.delete()
    return "dropped"
