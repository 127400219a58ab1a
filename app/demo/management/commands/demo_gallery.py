"""`manage.py demo_gallery`: a gallery for the demo studio. Runs beside the local cloud, which does the developing."""

import mimetypes
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from app.accounts.models import Studio
from app.demo.exceptions import PackageUnavailable
from app.demo.fetching import fetch_photos
from app.demo.gallery import Source, is_wanted, make_gallery
from app.demo.photos import PHOTOS
from app.uploads.files import CONTENT_TYPES, MOST_FILES
from serverless.db.shards import beside


class Command(BaseCommand):
    """Makes the demo gallery once; later calls say and do nothing."""

    help = "Fill the demo studio with a gallery of photographs. Needs DEMO = True in the settings, and a worker."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        """Fetch, upload, share, print. A machine without a network gets one sentence and no gallery."""
        if getattr(settings, "DEMO", False) is not True:
            raise CommandError("The demo studio has a public password: set DEMO = True on a private machine to use it.")
        if settings.DEMO_PHOTOS == "off":
            return
        studio = Studio.objects.filter(slug="demo").first()
        if studio is None:
            return
        with beside(studio.shard):
            self._make(studio)

    def _make(self, studio: Studio) -> None:
        if not is_wanted(studio):
            return
        try:
            sources = self._sources()
            self.stdout.write(f"Uploading {len(sources)} photographs …")
            address = make_gallery(studio, sources)
        except (PackageUnavailable, OSError) as problem:
            self.stdout.write(
                f"The demo gallery waits for the next start: {problem}. (DEMO_PHOTOS=off declines it for good.)"
            )
            return
        self.stdout.write(f"The demo gallery, as a client sees it: {address}")

    def _sources(self) -> list[Source]:
        if settings.DEMO_PHOTOS:
            return _from_folder(Path(settings.DEMO_PHOTOS))
        self.stdout.write(f"Fetching {len(PHOTOS)} photographs by their authors' leave (docs/credits.md) …")
        paths = fetch_photos(PHOTOS, settings.BASE_DIR / ".cache" / "demo")
        return [Source(path=path, filename=photo.filename) for photo, path in zip(PHOTOS, paths, strict=True)]


def _from_folder(folder: Path) -> list[Source]:
    """Photographs of one's own, by name. Raises OSError where there are none."""
    found = sorted(path for path in folder.iterdir() if mimetypes.guess_type(path.name)[0] in CONTENT_TYPES)
    if not found:
        raise OSError(f"{folder}, which DEMO_PHOTOS names, holds no photographs")
    return [Source(path=path, filename=path.name) for path in found[:MOST_FILES]]
