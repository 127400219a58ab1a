"""Tasks of the galleries: thin, taking ids, safe to run twice."""

from app.galleries.development import develop_upload
from app.galleries.models import Photo
from app.galleries.removal import delete_files
from serverless.tasks import task


@task
def develop_photo(photo_id: str) -> str:
    """Turn an uploaded file into renditions; returns the state in which the photo is left."""
    photo = Photo.objects.filter(pk=photo_id).first()
    return develop_upload(photo) if photo else "gone"


@task
def delete_stored(prefixes: list[str]) -> int:
    """Delete the files of photos that are gone; returns how many there were."""
    return delete_files(prefixes)
