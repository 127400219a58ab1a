"""Reads, as QuerySet methods. Each page asks a fixed number of questions, however many photos there are."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

if TYPE_CHECKING:
    from app.accounts.models import Studio
    from app.galleries.models import Gallery, Photo, Section  # noqa: F401  # named in strings

# A change becomes visible when its transaction commits, a little after the time written in it, and later still where
# the first `since` came with a page that was read from a replica (MAX_LAG + SAMPLE_SECONDS, 8 s). Looking back this far
# repeats a few rows and misses none; the page takes repeats without harm.
CHANGES_OVERLAP = timedelta(seconds=20)
# A task spends its attempts within 15 minutes, and outlives a database that is away for 20. A photo that has waited for
# longer has lost its task (one that no release knows any more, a worker that died between giving up and saying so).
LONGEST_DEVELOPMENT = timedelta(hours=1)


class GalleryQuerySet(models.QuerySet["Gallery"]):
    """Galleries of a studio."""

    def of(self, studio: Studio) -> GalleryQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)

    def search(self, text: str) -> GalleryQuerySet:
        """Those with these words in their title or their client's name."""
        found = self
        for word in text.split():
            found = found.filter(Q(title__icontains=word) | Q(client__icontains=word))
        return found

    def change(self, **fields: Any) -> int:
        """Update these fields and raise the version, on which caches and ETags hang; returns how many there were."""
        return self.update(version=F("version") + 1, **fields)

    def with_cards(self) -> GalleryQuerySet:
        """Add what a card shows: `ready_count`, `working_count` and `shown_cover_id`, newest gallery first.

        The cover shown is the chosen one, else the first in landscape format, else the first.
        """
        from app.galleries.models import Photo

        ready = Photo.objects.ready().filter(gallery=OuterRef("pk")).in_order().values("pk")
        chosen, landscape = ready.filter(pk=OuterRef("cover_id")), ready.filter(width__gt=F("height"))
        return self.annotate(
            ready_count=_counted("ready"),
            working_count=_counted("uploaded"),
            shown_cover_id=Coalesce(Subquery(chosen[:1]), Subquery(landscape[:1]), Subquery(ready[:1])),
        ).order_by("-created_at", "-pk")

    def with_now(self) -> GalleryQuerySet:
        """Add the database's own time as `now`."""
        return self.annotate(now=Now())


def _counted(state: str) -> Coalesce:
    """A gallery's photos in a state: a subquery, so that the database counts for the cards of one page alone."""
    from app.galleries.models import Photo

    photos = Photo.objects.filter(gallery=OuterRef("pk"), state=state).order_by().values("gallery")
    return Coalesce(Subquery(photos.annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0)


class SectionQuerySet(models.QuerySet["Section"]):
    """Sections of a studio or a gallery."""

    def of(self, studio: Studio) -> SectionQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos of a studio or a gallery."""

    def of(self, studio: Studio) -> PhotoQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)

    def ready(self) -> PhotoQuerySet:
        """Those that can be shown."""
        return self.filter(state="ready")

    def in_order(self) -> PhotoQuerySet:
        """As the gallery shows them: those without a section, then section by section. One index gives this order."""
        return self.order_by("section_position", "rank", "id")

    def changed_since(self, moment: datetime | None, *, after: uuid.UUID | None = None) -> PhotoQuerySet:
        """Those changed since `moment` (or all), oldest change first, with an overlap against late commits.

        With `after`, the last photo of the page before, exactly those behind it: an overlap would bring a page of
        photos that changed within seconds again and again.
        """
        if moment is None:
            changed = self
        elif after is None:
            changed = self.filter(updated_at__gt=moment - CHANGES_OVERLAP)
        else:
            changed = self.filter(Q(updated_at__gt=moment) | Q(updated_at=moment, id__gt=after))
        return changed.order_by("updated_at", "id")

    def stopped(self) -> PhotoQuerySet:
        """Those that wait for their file, or have waited for their task for so long that it will not come."""
        lost = Q(state="uploaded", updated_at__lt=Now() - LONGEST_DEVELOPMENT)
        return self.filter(Q(state="pending") | lost)

    def resendable(self) -> PhotoQuerySet:
        """Those whose file is of use when it is added again: stopped, or failed."""
        return self.stopped() | self.filter(state="failed")

    def counts(self) -> dict[str, int]:
        """How many there are in each state, in one query."""
        found = dict(self.order_by().values_list("state").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in self.model.State.values}

    def before(self, photo: Photo) -> PhotoQuerySet:
        """Those in front of `photo` in the same gallery, nearest first."""
        return self.filter(_beside(photo, "lt"), gallery=photo.gallery_id).in_order().reverse()

    def after(self, photo: Photo) -> PhotoQuerySet:
        """Those behind `photo` in the same gallery, nearest first."""
        return self.filter(_beside(photo, "gt"), gallery=photo.gallery_id).in_order()

    def place_of(self, photo: Photo) -> dict[str, int]:
        """How many there are in the gallery, `total`, and the `position` of `photo` among them, from 1; one query."""
        up_to = _beside(photo, "lt") | Q(pk=photo.pk)
        gallery = self.filter(gallery=photo.gallery_id).order_by()
        return gallery.aggregate(total=Count("pk"), position=Count("pk", filter=up_to))


def _beside(photo: Photo, side: str) -> Q:
    """What stands before ("lt") or behind ("gt") a photo. The first condition is where an index begins."""
    here, rank = {"section_position": photo.section_position}, {"rank": photo.rank}
    in_section = Q(**here) & (Q(**{f"rank__{side}": photo.rank}) | Q(**rank, **{f"id__{side}": photo.pk}))
    at = Q(**{f"section_position__{side}e": photo.section_position})
    return at & (Q(**{f"section_position__{side}": photo.section_position}) | in_section)
